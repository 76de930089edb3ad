"""Segmentation against masks and boxes drawn by hand, on stains that nothing was fitted to."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.segmentation import Segmenter, segmenter
from inference.engine.types import Box, Mask, Progress
from telepath.core.images import decode

CYTOPLASM, NUCLEUS = 128, 255
"""Grey levels of the drawn masks."""
LEAST_OVERLAP = 0.3
"""Intersection over union from which a box counts as found."""


def evaluate_segmentation(
    method: str, data: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Dice on `wbc_masks`, detection of white cells on `bccd`, both below `data`.

    Raises `KeyError` for an unknown method and `FileNotFoundError` where pictures are missing.
    """
    segment, tell = segmenter(method), progress or (lambda share, words: None)
    masks = _pictures(data / "wbc_masks" / "images")
    fields = _pictures(data / "bccd" / "images")
    cell, nucleus, single = [], [], 0
    for number, path in enumerate(masks):
        tell(0.5 * number / len(masks), "drawn masks")
        found = segment(decode(path).pixels)
        drawn = decode(path.parent.parent / "masks" / path.name).pixels[..., 0]
        cell.append(dice(found.cells > 0, drawn > CYTOPLASM // 2))
        nucleus.append(dice(found.nuclei, drawn > (CYTOPLASM + NUCLEUS) // 2))
        single += found.count == 1
    hits = np.zeros(3, int)
    for number, path in enumerate(fields):
        tell(0.5 + 0.5 * number / len(fields), "drawn boxes")
        hits += _detected(segment, path)
    return {
        "split": "segmentation",
        "method": method,
        "command": f"python manage.py evaluate --segmentation {method}",
        "dice_cell": round(float(np.mean(cell)), 4),
        "dice_nucleus": round(float(np.mean(nucleus)), 4),
        "one_cell_found_in_single_cell_crops": round(single / len(masks), 4),
        "detection_f1": round(float(2 * hits[0] / max(1, 2 * hits[0] + hits[1] + hits[2])), 4),
        "detection_recall": round(float(hits[0] / max(1, hits[0] + hits[2])), 4),
    }


def dice(found: Mask, drawn: Mask) -> float:
    """2 |A and B| / (|A| + |B|); 1 when both are empty. Source: Dice, Ecology 26 (1945)."""
    total = int(found.sum()) + int(drawn.sum())
    return 2 * int((found & drawn).sum()) / total if total else 1.0


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes (x, y, w, h)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def match(found: list[Box], drawn: list[Box]) -> NDArray[np.int_]:
    """(hits, found too much, missed); each drawn box is matched once, best overlap first."""
    left, hits = list(drawn), 0
    for box in found:
        best = max(left, key=lambda one: overlap(box, one), default=None)
        if best is not None and overlap(box, best) >= LEAST_OVERLAP:
            left.remove(best)
            hits += 1
    return np.array([hits, len(found) - hits, len(left)])


def as_lines(report: Mapping[str, Any]) -> str:
    """The figures for people."""
    names = [name for name, value in report.items() if isinstance(value, float)]
    return "\n".join(f"{name.replace('_', ' '):<40}{report[name]:>8.3f}" for name in names)


def _detected(segment: Segmenter, path: Path) -> NDArray[np.int_]:
    places = ndimage.find_objects(segment(decode(path).pixels).cells)
    found = [(x.start, y.start, x.stop - x.start, y.stop - y.start) for y, x in places]
    return match(found, list(_white_cells(path.parent.parent / "boxes" / f"{path.stem}.xml")))


def _white_cells(path: Path) -> Iterator[Box]:
    """Boxes of the objects called WBC in a Pascal VOC file."""
    for item in ET.parse(path).getroot().iter("object"):
        if item.findtext("name") == "WBC":
            corners = (int(item.findtext(f"bndbox/{key}", "0")) for key in _CORNERS)
            left, top, right, bottom = corners
            yield left, top, right - left, bottom - top


_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def _pictures(folder: Path) -> list[Path]:
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if not found:
        raise FileNotFoundError(f"There are no pictures in {folder}.")
    return found
