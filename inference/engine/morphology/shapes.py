"""Place, outline and measures of every cell of a field."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.morphology.chromatin import Chromatin, chromatin_of
from inference.engine.morphology.nucleoli import count_nucleoli
from inference.engine.morphology.outlines import Outline, outline_of
from inference.engine.types import Box, Measure, Rgb, Segmentation

SIMPLIFY_PX = 0.8
"""A contour may stray this far from the mask's edge, in pixels."""
LARGEST_RATIO = 99.0
"""Nucleus to cytoplasm where no cytoplasm shows."""
_UNITS = {"chromatin_entropy": "bit"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One cell's place and measures. contour: outer polygon (x, y)."""

    bbox: Box
    area_px: int
    contour: list[tuple[int, int]]
    measures: dict[str, Measure]


def measure_shapes(found: Segmentation, mpp: float | None, rgb: Rgb) -> list[Shape]:
    """Shapes of all cells in the order of their ids.

    mpp: microns per pixel, None if unknown. rgb: (H, W, 3) uint8, the picture of `found`.

    Of each cell: `area`, `diameter` (of a disk of that area), `circularity`, `solidity`. Of its
    nucleus, where it has one: `nucleus_area`, `nucleus_to_cytoplasm`, `nucleus_share` (of the
    cell's area), `nucleus_circularity`, `nucleus_solidity`, `nucleus_pieces`, `nucleus_density`,
    `chromatin_contrast`, `chromatin_homogeneity`, `chromatin_entropy`, `nucleoli`.
    Lengths and areas are in microns when `mpp` is known, else in pixels; "1" is the unit of ratios
    and counts.
    """
    places = ndimage.find_objects(found.cells)
    if not places:
        return []
    chromatin = chromatin_of(found, rgb)
    return [
        _shape(found, place, number, chromatin, mpp) for number, place in enumerate(places, start=1)
    ]


def _shape(
    found: Segmentation,
    place: tuple[slice, ...],
    number: int,
    chromatin: Chromatin,
    mpp: float | None,
) -> Shape:
    x, y = int(place[1].start), int(place[0].start)
    mask = found.cells[place] == number
    cell = outline_of(mask)
    simple = cv2.approxPolyDP(cell.edge, SIMPLIFY_PX, closed=True)[:, 0] + (x, y)
    measures = _cell_measures(cell, mpp)
    nucleus = found.nuclei[place] & mask
    if nucleus.any():
        measures |= _nucleus_measures(outline_of(nucleus), cell.area, mpp)
        measures |= _chromatin_measures(chromatin, number, place, nucleus)
    contour = [(px, py) for px, py in simple.tolist()]
    return Shape((x, y, mask.shape[1], mask.shape[0]), cell.area, contour, measures)


def _cell_measures(cell: Outline, mpp: float | None) -> dict[str, Measure]:
    unit, per_px = ("px", 1.0) if mpp is None else ("um", mpp)
    return {
        "area": _measure(cell.area * per_px**2, f"{unit}2"),
        "diameter": _measure(2 * np.sqrt(cell.area / np.pi) * per_px, unit),
        "circularity": _measure(cell.circularity),
        "solidity": _measure(cell.solidity),
    }


def _nucleus_measures(nucleus: Outline, cell_area: int, mpp: float | None) -> dict[str, Measure]:
    unit, per_px = ("px", 1.0) if mpp is None else ("um", mpp)
    ratio = nucleus.area / max(cell_area - nucleus.area, 1)
    return {
        "nucleus_area": _measure(nucleus.area * per_px**2, f"{unit}2"),
        "nucleus_to_cytoplasm": _measure(min(ratio, LARGEST_RATIO)),
        "nucleus_share": _measure(nucleus.area / cell_area),
        "nucleus_circularity": _measure(nucleus.circularity),
        "nucleus_solidity": _measure(nucleus.solidity),
        "nucleus_pieces": _measure(nucleus.pieces),
    }


def _chromatin_measures(
    chromatin: Chromatin, number: int, place: tuple[slice, ...], nucleus: NDArray[np.bool_]
) -> dict[str, Measure]:
    density = np.ascontiguousarray(chromatin.density[place])
    found = {"nucleus_density": cv2.mean(density, nucleus.view(np.uint8))[0]}
    found |= {f"chromatin_{name}": value for name, value in chromatin.texture(number).items()}
    nucleoli = count_nucleoli(density, nucleus)
    if nucleoli is not None:
        found["nucleoli"] = nucleoli
    return {name: _measure(value, _UNITS.get(name, "1")) for name, value in found.items()}


def _measure(value: float, unit: str = "1") -> Measure:
    return Measure(round(float(value), 3), unit)
