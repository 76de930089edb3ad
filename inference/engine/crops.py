"""One small picture a cell: background black, lamp colour taken out, size of the field kept.

What reaches a model is only this. The background, the neighbours, the scale bar and the rim where
blur mixes them with the cell are gone; pixels are optical densities, so brightness is gone too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.colour import estimate_white, optical_density
from inference.engine.scalebar import find_scale_bar
from inference.engine.sizes import CropSettings, typical_diameter
from inference.engine.types import Floats, Mask, Rgb, Segmentation

Crops = NDArray[np.uint8]
"""(n, side, side, 3) uint8: 0 = background, 1..255 = optical density."""

LEVELS_PER_DENSITY = 130.0
MOST_CUT = 0.8
"""Stretch along a border, in diameters of what is left of a cell, up to which it counts as whole:
a disk that has lost a ninth of itself, which still shows what it is."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldCrops:
    """Crops of all cells of a field, in the order of their ids.

    usable: (n,) bool, false for a cell that the picture's border or the scale bar cuts.
    """

    pixels: Crops
    usable: NDArray[np.bool_]


def cut_cells(rgb: Rgb, found: Segmentation, settings: CropSettings) -> FieldCrops:
    """Crops of the cells of one field. rgb: (H, W, 3) uint8 of the size of `found`."""
    places = ndimage.find_objects(found.cells)
    if not places:
        empty = np.zeros((0, settings.side, settings.side, 3), np.uint8)
        return FieldCrops(empty, np.zeros(0, bool))
    white = estimate_white(rgb)
    diameter = typical_diameter(found.cells)
    inner = _without_rims(found, settings.rim * diameter)
    side_px = settings.window * diameter
    bar = find_scale_bar(rgb)
    crops = np.zeros((len(places), settings.side, settings.side, 3), np.uint8)
    usable = np.zeros(len(places), bool)
    for index, place in enumerate(places):
        mask = found.cells[place] == index + 1
        density = optical_density(rgb[place], white)
        crops[index] = crop_cell(density, mask & inner[place], side_px, settings.side)
        usable[index] = crops[index].any() and not _cut(place, mask, bar)
    return FieldCrops(crops, usable)


def _without_rims(found: Segmentation, rim_px: float) -> Mask:
    """Cells less a rim of `rim_px` pixels: (H, W) bool."""
    # Smaller label above or below means a border, also between two touching cells.
    smooth = np.ones((3, 3), np.uint8)
    border = cv2.dilate(found.cells, smooth) != cv2.erode(found.cells, smooth)
    away = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 5)
    inner: Mask = (found.cells > 0) & (away > rim_px)
    return inner


def crop_cell(
    density: Floats, mask: NDArray[np.bool_], side_px: float, side: int
) -> NDArray[np.uint8]:
    """The masked cell in the middle of a square that shows `side_px` pixels of the field.

    density: (h, w, 3) optical density; what does not fit into the square is cut off.
    Returns (side, side, 3) uint8 as in `Crops`.
    """
    level = np.clip(LEVELS_PER_DENSITY * density, 1, 255).astype(np.float32) * mask[..., None]
    scale = side / max(side_px, 1.0)
    size = [min(4 * side, max(1, round(length * scale))) for length in reversed(mask.shape)]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    cover = cv2.resize(mask.astype(np.float32), size, interpolation=how)
    # Divided by the cover, so that black from outside the cell does not darken its rim.
    values = cv2.resize(level, size, interpolation=how) / np.maximum(cover, 1e-3)[..., None]
    cell = np.where(cover[..., None] > 0.5, np.clip(values, 1, 255), 0).astype(np.uint8)
    return _centred(cell, side)


def _centred(cell: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    square = np.zeros((side, side, 3), np.uint8)
    height, width = cell.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    part = cell[max(0, -top) : max(0, -top) + side, max(0, -left) : max(0, -left) + side]
    top, left = max(0, top), max(0, left)
    square[top : top + part.shape[0], left : left + part.shape[1]] = part
    return square


def _cut(place: tuple[slice, ...], mask: NDArray[np.bool_], bar: NDArray[np.bool_]) -> bool:
    """Whether a cell touches the border of the picture along a stretch, or the scale bar."""
    rows, columns = place
    around = (
        slice(max(0, rows.start - 2), rows.stop + 2),
        slice(max(0, columns.start - 2), columns.stop + 2),
    )
    if bar[around].any():
        return True
    height, width = bar.shape
    at_edge = (rows.start == 0, rows.stop == height, columns.start == 0, columns.stop == width)
    lines = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    cuts = [line.sum() for line, edge in zip(lines, at_edge, strict=True) if edge]
    return bool(max(cuts, default=0) > MOST_CUT * np.sqrt(4 * mask.sum() / np.pi))
