"""What it costs that strangers' pictures are read in a process apart, beside the same work here."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from inference.engine.synthetic import FieldSpec, render_field
from telepath.core.images.apart import prepare
from telepath.core.images.decode import as_array, upright
from telepath.core.images.display import write_upright

SIZES = ((224, 224), (640, 480), (1600, 1200), (4000, 3000))
_ALL_PIXELS = 1 << 40
_PAUSE_S = 0.05
"""Between pictures a worker stores what was made; meanwhile the next child makes itself ready."""


def measured(times: int) -> list[dict[str, Any]]:
    """Median ms per picture for each of `SIZES`, both ways in turn, on drawn JPEGs."""
    with TemporaryDirectory(prefix="fields-") as place:
        return [_one_size(_drawn(Path(place), *size), size, times) for size in SIZES]


def _one_size(path: Path, size: Sequence[int], times: int) -> dict[str, Any]:
    for way in (_here, _apart):  # imports, threads, the helper
        way(path)
    here, apart = zip(*((_ms(_here, path), _ms(_apart, path)) for _ in range(times)), strict=True)
    in_process, in_child = statistics.median(here), statistics.median(apart)
    return {
        "size": f"{size[0]} x {size[1]}",
        "in_process_ms": round(in_process, 1),
        "apart_ms": round(in_child, 1),
        "ratio": round(in_child / in_process, 3),
    }


def _here(path: Path) -> None:
    with TemporaryDirectory(prefix="pictures-") as folder:
        picture = upright(path)
        write_upright(picture, Path(folder) / "pictures")
        as_array(picture)


def _apart(path: Path) -> None:
    with prepare(path, most_pixels=_ALL_PIXELS):
        pass


def _ms(way: Callable[[Path], None], path: Path) -> float:
    time.sleep(_PAUSE_S)
    begun = time.perf_counter()
    way(path)
    return 1000 * (time.perf_counter() - begun)


def _drawn(place: Path, width: int, height: int) -> Path:
    path = place / f"{width}.jpg"
    field = render_field(FieldSpec(width=width, height=height, cell_diameter_px=32.0), seed=0)
    cv2.imwrite(str(path), field.rgb[..., ::-1])
    return path
