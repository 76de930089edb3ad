"""Without learning: stain signal, thresholds from the picture itself, distance watershed.

Works at a scale where a nucleus is about `WORKING_RADIUS` pixels in radius, found from the
picture, so that a cell may be 25 or 250 pixels wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.merging import join_parts
from inference.engine.segmentation.objects import (
    disk,
    distance_inside,
    filled,
    flood,
    number,
    split_touching,
)
from inference.engine.segmentation.redcells import RedCells, learn_red_cells
from inference.engine.segmentation.scale import (
    Glance,
    enlarged,
    glance,
    mask_like,
    nothing,
    opened,
    otsu,
    resized,
    stain_channels,
)
from inference.engine.types import Floats, Labels, Mask, Rgb, Segmentation

WORKING_RADIUS = 14.0
REACH = 1.4
"""How far cytoplasm reaches from the nucleus, in typical nuclear radii."""
SMALLEST_SHARE = 0.2
SMALLEST_OF_RED = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What the whole picture says before cells are drawn.

    white: (3,) background colour. nucleus: threshold of the nucleus signal.
    foreground: threshold of the mean density. radius_px: typical nucleus, original pixels.
    red_cells: their colour, None where there are hardly any. red_radius_px: then 0 too.
    least_red_radius_px: the same with caution, where heaps of red cells look like large ones.
    """

    white: Floats
    nucleus: float
    foreground: float
    radius_px: float
    red_cells: RedCells | None
    red_radius_px: float
    least_red_radius_px: float


class AdaptiveSegmenter:
    """Picture -> white cells with nuclei; see the module for the method."""

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8 of any size and content."""
        bar = find_scale_bar(rgb)
        first = glance(rgb, bar)
        if not first.stands_out or first.radius_px <= 0:
            return nothing(rgb)
        seen = look(first)
        factor = min(1.0, WORKING_RADIUS / seen.radius_px)
        small = resized(rgb, factor)
        cells, nuclei = _draw(small, mask_like(bar, small), seen, factor)
        return enlarged(cells, nuclei, rgb)


def look(first: Glance) -> Look:
    """Background colour, thresholds and scale of a picture, from the first look at it."""
    amount = first.density.mean(axis=-1)
    foreground = max(0.06, 0.8 * otsu(np.minimum(amount, 0.4), 0.01))
    red = _red_ground(amount > foreground, first.signal > first.threshold, first.radius)
    red_cells = learn_red_cells(first.density, red)
    radius, least = _red_radii(red, first.radius) if red_cells else (0.0, 0.0)
    return Look(
        white=first.white,
        nucleus=first.threshold,
        foreground=foreground,
        radius_px=first.radius_px,
        red_cells=red_cells,
        red_radius_px=radius / first.factor,
        least_red_radius_px=least / first.factor,
    )


def _red_ground(stained: Mask, nuclei: Mask, radius: float) -> Mask:
    """Stained ground far enough from nuclei to be red cells and not cytoplasm."""
    away = cv2.distanceTransform((~nuclei).astype(np.uint8), cv2.DIST_L2, 5)
    far = stained & (away > 3 * radius)
    # Up to seven pieces may be the lobes of one nucleus, whose cytoplasm must not be learnt.
    pieces = cv2.connectedComponents(opened(nuclei, 0.3 * radius).astype(np.uint8))[0] - 1
    crowded = far.mean() < 0.05 and pieces > 7
    return stained & (away > 1.5 * radius) if crowded else far


def _red_radii(red: Mask, nucleus_radius: float) -> tuple[float, float]:
    """Typical and least radius of a red cell: heights of the higher peaks of the distance inside.

    The pale middle is filled; a gap among red cells is larger and stays.
    """
    solid = _small_holes_filled(opened(red, 1.0), 0.8 * nucleus_radius)
    distance = np.asarray(cv2.GaussianBlur(distance_inside(solid), (0, 0), 1.0), np.float32)
    peaks = (cv2.dilate(distance, disk(nucleus_radius / 2)) <= distance) & (distance > 3)
    if not peaks.any():
        return 0.0, 0.0
    typical, least = np.percentile(distance[peaks], (92, 75))
    return float(typical), float(least)


def _draw(rgb: Rgb, bar: Mask, seen: Look, factor: float) -> tuple[Labels, Mask]:
    """Cells and nuclei at the working scale, which is `factor` of the original."""
    radius, red_radius = seen.radius_px * factor, seen.red_radius_px * factor
    density, signal = stain_channels(rgb, seen.white)
    signal[bar] = 0
    nuclei = _nuclei(signal > seen.nucleus, radius)
    pieces = split_touching(nuclei, min_distance_px=1.1 * radius)
    pieces = _without_specks(pieces, radius)
    cells = _with_cytoplasm(pieces, density, seen, radius)
    cells = join_parts(cells, pieces, red_radius=red_radius)
    cells[bar] = 0
    kept = number(cells, _not_platelets(cells, red_radius))
    return kept, (pieces > 0) & (kept > 0)


def _small_holes_filled(mask: Mask, radius: float) -> Mask:
    """`mask` without the holes into which no disk of `radius` fits."""
    holes = filled(mask) & ~mask
    return mask | (holes & ~opened(holes, radius))


def _nuclei(mask: Mask, radius: float) -> Mask:
    """Small holes filled, lobes of one nucleus joined, thin threads cut."""
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disk(0.2 * radius)) > 0
    return opened(_small_holes_filled(joined, 0.45 * radius), 0.25 * radius)


def _without_specks(pieces: NDArray[np.int32], radius: float) -> NDArray[np.int32]:
    keep = _large_enough(pieces, 0.45 * radius)
    return np.where(keep[pieces], pieces, 0).astype(np.int32)


def _large_enough(labels: NDArray[np.int32], least_radius: float) -> NDArray[np.bool_]:
    """Which objects have at least the area of a disk of `least_radius`, by label number."""
    areas = np.bincount(labels.ravel())
    return areas >= np.pi * least_radius**2


def _not_platelets(cells: NDArray[np.int32], red_radius: float) -> NDArray[np.bool_]:
    """Which objects are large enough for a white cell, by label number.

    Compared with the typical object of the picture, and with its red cells where it has any.
    """
    areas = np.bincount(cells.ravel())
    areas[0] = 0
    order = np.sort(areas)
    typical = order[np.searchsorted(np.cumsum(order), order.sum() / 2)]
    least = max(SMALLEST_SHARE * typical, SMALLEST_OF_RED * np.pi * red_radius**2, 1.0)
    return np.asarray(areas >= least)


def _with_cytoplasm(
    nuclei: NDArray[np.int32], density: Floats, seen: Look, radius: float
) -> NDArray[np.int32]:
    """Grow each nucleus over the stained ground near it that is no red cell."""
    away = cv2.distanceTransform((nuclei == 0).astype(np.uint8), cv2.DIST_L2, 5)
    ground = (density.mean(axis=-1) > seen.foreground) & (away <= REACH * radius)
    if seen.red_cells is not None:
        # A thin rim stays: blur mixes the colours of nucleus and neighbour there.
        ground &= ~seen.red_cells.like(density) | (away <= 2)
    ground = opened(ground | (nuclei > 0), 0.4 * radius) | (nuclei > 0)
    return flood(away.astype(np.float32), nuclei, ground)
