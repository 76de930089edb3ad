"""The cell in the middle of each picture, cut out once and kept in a scratch folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import estimate_white, nucleus_signal, optical_density
from inference.engine.crops import LEVELS_PER_DENSITY, Crops, crop_cell
from inference.engine.segmentation import segmenter
from inference.engine.segmentation.objects import disk
from inference.engine.sizes import CropSettings
from inference.engine.types import Floats, Mask, Rgb, Segmentation
from inference.lab.data.scratch import Arrays, kept, key_of
from inference.lab.data.singles import TypeManifest
from telepath.core.images import decode

CACHE_VERSION = 1
"""Raise it when segmentation or crops change, or old cells will be used again."""

METHOD = "adaptive"
"""Finds the cells that the network learns from, whatever method an analysis uses by default."""
NATIVE_SIDE = 80
"""Side of the square that keeps a cell at the size of its picture; monocytes reach 60 pixels."""
TYPICAL_PX = 36.0
"""Typical diameter of a white cell in these pictures: the median of the classes' medians."""
LEAST_TYPICAL_PX = 25.0
"""Small lymphocytes: 5 % of theirs are narrower."""
SMALLEST_PX = 10.0
"""A narrower object in the middle is a splinter of a platelet, not all of it."""

Wrap = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class TypeCells:
    """native: (n, 80, 80, 3) uint8 crops at the picture's own scale, 0 = background.

    diameter: (n,) of a disk of the cell's area, in pixels of the picture. label: (n,) class
    numbers. part: (n,) part names.
    """

    native: Crops
    diameter: Floats
    label: NDArray[np.int64]
    part: NDArray[np.str_]

    def of_part(self, name: str) -> TypeCells:
        """Only the cells of one part."""
        chosen = self.part == name
        return TypeCells(
            self.native[chosen], self.diameter[chosen], self.label[chosen], self.part[chosen]
        )


def load_type_cells(
    manifest: TypeManifest, cache: Path, wrap: Wrap = lambda paths: paths
) -> TypeCells:
    """Cells of every picture of `manifest`, from `cache` when they are there.

    wrap: put around the list of paths, for a progress bar.
    """
    pictures = [(entry.path, entry.sha256) for entry in manifest.entries]
    key = key_of(pictures, METHOD, NATIVE_SIDE, TYPICAL_PX, CACHE_VERSION)
    stored = kept(cache / f"types-{key}.npz", lambda: _cut_all(manifest, wrap))
    number = {label: place for place, label in enumerate(manifest.classes)}
    label = np.array([number[entry.label] for entry in manifest.entries], np.int64)
    part = np.array([entry.part for entry in manifest.entries])
    return TypeCells(stored["native"], stored["diameter"], label, part)


def standard_crops(cells: TypeCells, settings: CropSettings, *, scale: float = 1.0) -> Crops:
    """All cells as in a field whose typical cell is `TYPICAL_PX` wide, made `scale` times larger.

    Returns (n, side, side, 3) uint8.
    """
    return _windows(
        cells, np.full(len(cells.native), settings.window * TYPICAL_PX / scale), settings
    )


def own_scale_crops(cells: TypeCells, settings: CropSettings) -> Crops:
    """All cells as in a field of cells like this one, which are then the typical ones.

    Platelets are shown among the smallest white cells: no field has them for typical cells, and
    enlarged they resemble any blurred cell.
    """
    typical = np.asarray(np.maximum(cells.diameter, LEAST_TYPICAL_PX), np.float32)
    return _windows(cells, settings.window * typical, settings)


def _windows(cells: TypeCells, window_px: Floats, settings: CropSettings) -> Crops:
    """Native crops as `cut_cells` would give them in fields that show `window_px` pixels a side."""
    crops = np.zeros((len(cells.native), settings.side, settings.side, 3), np.uint8)
    for index, (native, window) in enumerate(zip(cells.native, window_px, strict=True)):
        inside = native.any(axis=-1)
        if inside.any():
            place = _box(inside)
            density = native[place].astype(np.float32) / LEVELS_PER_DENSITY
            crops[index] = crop_cell(density, inside[place], float(window), settings.side)
    return crops


def _box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def centre_mask(rgb: Rgb, found: Segmentation) -> Mask:
    """The cell in the middle: (H, W) bool. Where none was found, the dark object there.

    A small or pale platelet may escape a segmenter of white cells, or leave it a splinter; it is
    stained more than its surroundings all the same.
    """
    cell = np.asarray(found.cells == centre_of(found)) & (found.cells > 0)
    if cell.sum() >= np.pi * SMALLEST_PX**2 / 4:
        return cell
    return _darkest_in(rgb, _middle(*rgb.shape[:2]))


def centre_of(found: Segmentation) -> int:
    """Number of the cell with the most pixels in the middle of a picture, 0 where there is none."""
    votes = np.bincount(found.cells[_middle(*found.cells.shape)].ravel(), minlength=2)
    votes[0] = 0
    return int(votes.argmax())


def _middle(height: int, width: int) -> tuple[slice, slice]:
    """The middle quarter of each side."""
    rows, columns = (slice(3 * side // 8, max(5 * side // 8, 1)) for side in (height, width))
    return rows, columns


def _darkest_in(rgb: Rgb, middle: tuple[slice, slice]) -> Mask:
    amount = cv2.GaussianBlur(
        nucleus_signal(optical_density(rgb, estimate_white(rgb))), (0, 0), 1.5
    )
    # A third of the peak lies outside a blurred edge: room for the rim that is taken off later.
    dark = (amount >= 0.3 * amount[middle].max()).astype(np.uint8)
    pieces = cv2.connectedComponents(cv2.morphologyEx(dark, cv2.MORPH_OPEN, disk(1)))[1]
    votes = np.bincount(pieces[middle].ravel(), minlength=2)
    votes[0] = 0
    middlemost: Mask = (pieces == votes.argmax()) & bool(votes.any())
    return middlemost


def native_crop(rgb: Rgb, mask: Mask, rim_px: float) -> NDArray[np.uint8]:
    """The cell under `mask` less a rim, at the scale of the picture: (80, 80, 3) uint8."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    # One more than the rim: cells and their surroundings both own half of the border.
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    inner = depth > rim_px + 1
    if not inner.any():
        return np.zeros((NATIVE_SIDE, NATIVE_SIDE, 3), np.uint8)
    place = _box(mask)
    density = optical_density(rgb, estimate_white(rgb))
    return crop_cell(density[place], inner[place], NATIVE_SIDE, NATIVE_SIDE)


def _cut_all(manifest: TypeManifest, wrap: Wrap) -> Arrays:
    segment = segmenter(METHOD)
    native = np.zeros((len(manifest.entries), NATIVE_SIDE, NATIVE_SIDE, 3), np.uint8)
    diameter = np.zeros(len(native), np.float32)
    rim_px = CropSettings().rim * TYPICAL_PX
    for index, name in enumerate(wrap([entry.path for entry in manifest.entries])):
        rgb = decode(manifest.root / name).pixels
        mask = centre_mask(rgb, segment(rgb))
        native[index] = native_crop(rgb, mask, rim_px)
        diameter[index] = 2 * np.sqrt(max(1, int(mask.sum())) / np.pi)
    return {"native": native, "diameter": diameter}
