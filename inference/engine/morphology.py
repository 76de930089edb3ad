"""Measured shape of each cell, with units: what a morphologist would put a ruler to."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.types import Box, Measure, Segmentation

SIMPLIFY_PX = 0.8
"""A contour may stray this far from the mask's edge, in pixels."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One cell's place and measures. contour: outer polygon (x, y)."""

    bbox: Box
    area_px: int
    contour: list[tuple[int, int]]
    measures: dict[str, Measure]


def measure_shapes(found: Segmentation, mpp: float | None) -> list[Shape]:
    """Shapes of all cells in the order of their ids. mpp: microns per pixel, None if unknown."""
    places = ndimage.find_objects(found.cells)
    return [
        _shape(found.cells[place] == number, found.nuclei[place], place, mpp)
        for number, place in enumerate(places, start=1)
    ]


def _shape(
    mask: NDArray[np.bool_],
    nuclei: NDArray[np.bool_],
    place: tuple[slice, ...],
    mpp: float | None,
) -> Shape:
    x, y = int(place[1].start), int(place[0].start)
    edge = _outer_edge(mask)
    simple = cv2.approxPolyDP(edge, SIMPLIFY_PX, closed=True)[:, 0] + (x, y)
    contour = [(int(px), int(py)) for px, py in simple]
    area, nucleus = int(mask.sum()), int((nuclei & mask).sum())
    box = (x, y, mask.shape[1], mask.shape[0])
    return Shape(box, area, contour, _measures(area, nucleus, edge, mpp))


def _outer_edge(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(edges, key=len), np.int32)


def _measures(
    area: int, nucleus: int, edge: NDArray[np.int32], mpp: float | None
) -> dict[str, Measure]:
    """Area, diameter of a disk of that area, nucleus to cytoplasm, nuclear share, circularity.

    circularity = 4 pi area / perimeter^2, 1 for a disk. Source: Cox, J Paleontol 1 (1927).
    """
    unit, per_px = ("px", 1.0) if mpp is None else ("um", mpp)
    # The polygon runs through pixel centres; half a pixel on each side belongs to the cell.
    perimeter = cv2.arcLength(edge, closed=True) + np.pi
    return {
        "area": _measure(area * per_px**2, f"{unit}2"),
        "diameter": _measure(2 * np.sqrt(area / np.pi) * per_px, unit),
        "nucleus_to_cytoplasm": _measure(min(nucleus / max(area - nucleus, 1), 99.0), "1"),
        "nucleus_share": _measure(nucleus / area, "1"),
        "circularity": _measure(min(4 * np.pi * area / perimeter**2, 1.0), "1"),
    }


def _measure(value: float, unit: str) -> Measure:
    return Measure(round(float(value), 3), unit)
