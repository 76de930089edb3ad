"""Synthetic fields and slides as files, with their truth beside them."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyvips

from inference.engine.synthetic.field import render_field
from inference.engine.synthetic.slide import render_tile, slide_cells
from inference.engine.synthetic.spec import FieldSpec, SlideCell, SlideSpec, SyntheticField
from inference.engine.types import Rgb

Record = dict[str, Any]


def write_field(spec: FieldSpec, seed: int, folder: Path, stem: str) -> Record:
    """Render one field into `folder`: <stem>.png, <stem>.cells.png, <stem>.nuclei.png, <stem>.json.

    Returns what the JSON file says: seed, label, counts and every cell.
    """
    field = render_field(spec, seed)
    _write_png(folder / f"{stem}.png", field.rgb[..., ::-1])
    _write_png(folder / f"{stem}.cells.png", field.cells)
    _write_png(folder / f"{stem}.nuclei.png", field.nuclei.astype(np.uint8) * 255)
    record = _record(spec, seed, field, f"{stem}.png")
    (folder / f"{stem}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def write_slide(
    slide: SlideSpec, path: Path, *, progress: Callable[[float], None] = lambda share: None
) -> Record:
    """Render `slide` as a pyramidal TIFF at `path`, and its cells as <stem>.cells.csv.

    Memory: one row of squares, width x block_px x 8 bytes, whatever the height.
    progress: called with the finished share, 0 to 1.
    """
    picture = _streamed(slide, progress)
    per_mm = 1000.0 / slide.mpp
    picture.copy(xres=per_mm, yres=per_mm).tiffsave(
        str(path), tile=True, tile_width=512, tile_height=512, pyramid=True, bigtiff=True,
        compression="jpeg", Q=90,
    )  # fmt: skip
    count = _write_cells(slide, path.with_suffix(".cells.csv"))
    return {
        "path": path.name, "synthetic": True, "seed": slide.seed, "label": slide.label,
        "width": slide.width, "height": slide.height, "mpp": slide.mpp, "cells": count,
    }  # fmt: skip


def _write_png(path: Path, pixels: np.ndarray[Any, Any]) -> None:
    if not cv2.imwrite(str(path), pixels):
        raise OSError(f"{path} could not be written.")


def _record(spec: FieldSpec, seed: int, field: SyntheticField, name: str) -> Record:
    cells = [asdict(cell) for cell in field.truth]
    return {
        "path": name, "synthetic": True, "seed": seed, "label": field.label,
        "cell_diameter_px": spec.cell_diameter_px, "counts": field.counts, "cells": cells,
    }  # fmt: skip


def _streamed(slide: SlideSpec, progress: Callable[[float], None]) -> pyvips.Image:
    """The slide as a picture that is rendered from top to bottom while libvips reads it."""
    chunks, rest = _png(slide, progress), bytearray()

    def read(size: int) -> bytes:
        while len(rest) < size and (chunk := next(chunks, None)) is not None:
            rest.extend(chunk)
        taken = bytes(rest[:size])
        del rest[:size]
        return taken

    source = pyvips.SourceCustom()
    source.on_read(read)
    return pyvips.Image.new_from_source(source, "", access="sequential")


def _png(slide: SlideSpec, progress: Callable[[float], None]) -> Iterator[bytes]:
    """An uncompressed PNG, the plainest stream that libvips reads without seeking."""
    yield b"\x89PNG\r\n\x1a\n"
    yield _chunk(b"IHDR", struct.pack(">IIBBBBB", slide.width, slide.height, 8, 2, 0, 0, 0))
    packer = zlib.compressobj(level=0)
    for rows in _rows_of_blocks(slide):
        for row in rows:
            yield _chunk(b"IDAT", packer.compress(b"\0" + row.tobytes()))
        progress(rows.shape[0] / slide.height)
    yield _chunk(b"IDAT", packer.flush()) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _rows_of_blocks(slide: SlideSpec) -> Iterator[Rgb]:
    for top in range(0, slide.height, slide.block_px):
        height = min(slide.block_px, slide.height - top)
        yield render_tile(slide, 0, top, slide.width, height).rgb


def _write_cells(slide: SlideSpec, path: Path) -> int:
    count = 0
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow([column.name for column in fields(SlideCell)])
        for top in range(0, slide.height, slide.block_px):
            height = min(slide.block_px, slide.height - top)
            cells = slide_cells(slide, (0, top, slide.width, height))
            table.writerows(asdict(cell).values() for cell in cells)
            count += len(cells)
    return count
