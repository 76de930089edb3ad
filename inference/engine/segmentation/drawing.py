"""From the logits of the U-Net to cells, one number each."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.segmentation.merging import join_parts
from inference.engine.segmentation.objects import (
    disk,
    filled,
    flood,
    number,
    peaks,
    roundness,
    split_touching,
    typical_radius,
)
from inference.engine.segmentation.scale import opened
from inference.engine.types import Floats, Mask, Rgb, Segmentation

CLOSED = 3.0
"""Gaps up to twice this many pixels wide are no gaps: cytoplasm full of granules has holes."""
APART = 1.0
"""Least distance of two cells' middles, in radii of the typical cell."""
CORE = 0.25
"""Learned depth from which a pixel belongs to no rim."""
HOLE = 0.5
"""Radius of the smallest gap among cells, in radii of the typical cell; less is a hole in one."""
CLUMP = 1100
"""Pixels at the size at which the network works, where a usual cell has 450 to 900, from which an
object that is not round is a clump."""
ROUND = 0.75
"""Share of its enclosing circle that a cell fills; clumps for training filled 0.35 to 0.74 of
theirs, large granulocytes for training 0.71 or more."""
CLUMP_OF_RED = 2.5
"""Least area of a clump in red cells; granulocytes, whose lobes set the scale, are large too."""
CRUMBS = 0.34
"""Most pieces of a clump, as a share, that may be smaller than a red cell."""
CLUMP_SMOOTHED, CLUMP_APART = 1.5, 12.0
"""Of the learned depth in a clump: its smoothing and the least distance of two peaks, pixels."""
RELIEF = 8.0
"""Levels of flooding from the middle of a cell to its rim."""
FINE_RELIEF = 30.0
"""The same in a clump, where the depth differs little."""
SMALLEST_CELL = 110
"""Pixels at the size at which the network works, where a usual nucleus has about 450."""
SMALLEST_SHARE = 0.2
"""Of the area of the picture's typical cell."""
SUREST = 0.7
"""Mean probability below which an object is no cell."""


def draw(logits: Floats, rgb: Rgb, red_radius: Callable[[], float] = lambda: 0.0) -> Segmentation:
    """Cells of a picture. logits: (h, w, 4), perhaps of a smaller copy of `rgb` (H, W, 3).

    red_radius: of a red cell in pixels of that copy, 0 where unknown; asked for only where needed.
    """
    cell = np.logaddexp(logits[..., 1], logits[..., 2]) - logits[..., 0]
    labels = _instances(cell, logits[..., 3], red_radius)
    labels = number(labels, _believed(labels, cell)).astype(np.int32)
    size = (rgb.shape[1], rgb.shape[0])
    if cell.shape == rgb.shape[:2]:
        cells = labels.astype(np.uint16)
    else:
        # Probabilities are enlarged, not labels: their outline is smooth.
        near = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8))
        near = np.where(labels > 0, labels, near).astype(np.float32)
        near = cv2.resize(near, size, interpolation=cv2.INTER_NEAREST)
        sure = np.where((labels > 0) & (cell <= 0), 1.0, cell).astype(np.float32)
        inside = cv2.resize(sure, size, interpolation=cv2.INTER_LINEAR) > 0
        cells = np.where(inside, near, 0).astype(np.uint16)
    nucleus = cv2.resize(logits[..., 2] - logits[..., 1], size, interpolation=cv2.INTER_LINEAR)
    return Segmentation(cells, (nucleus > 0) & (cells > 0))


def _instances(cell: Floats, deep: Floats, red_radius: Callable[[], float]) -> NDArray[np.int32]:
    """Cells by a watershed whose borders lie where the network sees a rim: (h, w) int32."""
    depth = np.asarray(1 / (1 + np.exp(-deep)), np.float32)
    closed = _closed(cell > 0)
    # Rims cut clumps apart; lobes of one nucleus, which have rims too, are told by the whole.
    within = typical_radius((cell > 0) & (depth > CORE)) / (1 - CORE)
    radius = max(within, typical_radius(closed))
    holes = filled(closed) & ~closed
    mask = closed | (holes & ~opened(holes, HOLE * radius))
    relief = np.asarray(RELIEF * (1 - depth), np.float32)
    core = mask & (depth > CORE)
    labels = split_touching(
        mask, min_distance_px=max(4.0, APART * radius), relief=relief, core=core
    )
    labels = _clumps_cut(labels, depth, red_radius)
    return join_parts(labels, labels, red_radius=0)


def _clumps_cut(
    labels: NDArray[np.int32], depth: Floats, red_radius: Callable[[], float]
) -> NDArray[np.int32]:
    """Objects too large and too uneven for one cell, cut between peaks of the learned depth.

    In a tight clump no rim is surely seen, and the distance to the background knows of no cell in
    its middle. What falls into crumbs smaller than red cells was one cell with a lobed nucleus.
    """
    areas, places = np.bincount(labels.ravel()), ndimage.find_objects(labels)
    large = [int(one) for one in np.flatnonzero(areas >= CLUMP) if one]
    uneven = [one for one in large if _roundness(labels, one, places[one - 1]) < ROUND]
    red_cell = np.pi * red_radius() ** 2 if uneven else 0.0
    made = labels.copy()
    for one in uneven:
        place = places[one - 1]
        pieces = _pieces(labels[place] == one, depth[place])
        sizes = np.bincount(pieces.ravel())[1:]
        cells, crumbs = (sizes > 0).sum(), ((sizes > 0) & (sizes < red_cell)).sum()
        if areas[one] >= CLUMP_OF_RED * red_cell and crumbs <= CRUMBS * cells:
            made[place] = np.where(pieces > 0, pieces + made.max(), made[place])
    return made


def _roundness(labels: NDArray[np.int32], one: int, place: tuple[slice, ...]) -> float:
    rows, columns = np.nonzero(labels[place] == one)
    points = np.stack([columns + place[1].start, rows + place[0].start], axis=1)
    return roundness(points.astype(np.int32), (labels.shape[0], labels.shape[1]))


def _pieces(clump: Mask, depth: Floats) -> NDArray[np.int32]:
    """The cells of one clump by a watershed between peaks of the learned depth: (h, w) int32."""
    soft = ndimage.gaussian_filter(depth, CLUMP_SMOOTHED)
    seeds = peaks(np.where(clump, soft, 0), clump & (depth > CORE), CLUMP_APART)
    pieces = flood(np.asarray(FINE_RELIEF * (1 - soft), np.float32), seeds, clump)
    return join_parts(pieces, pieces, red_radius=0)


def _closed(mask: Mask) -> Mask:
    """`mask` without narrow gaps."""
    wide = round(CLOSED) + 1
    # Padded, because a closing at the border of a picture eats into what touches it.
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), wide, wide, wide, wide, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disk(CLOSED))
    return np.asarray(closed[wide:-wide, wide:-wide] > 0)


def _believed(labels: NDArray[np.int32], cell: Floats) -> NDArray[np.bool_]:
    """Which objects are large and sure enough, by label number."""
    areas = np.bincount(labels.ravel())
    if len(areas) < 2:
        return np.zeros(len(areas), bool)
    sure = np.bincount(labels.ravel(), (1 / (1 + np.exp(-cell))).ravel())
    keep = (areas >= SMALLEST_CELL) & (sure >= SUREST * areas)
    keep[0] = False
    if keep.any():
        # By area, not by number: one white cell among three platelets is still the typical one.
        order = np.sort(areas[keep])
        typical = order[np.searchsorted(np.cumsum(order), order.sum() / 2)]
        keep &= areas >= SMALLEST_SHARE * typical
    return np.asarray(keep)
