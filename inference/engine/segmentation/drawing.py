"""From the logits of the U-Net to cells, one number each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.segmentation.merging import join_parts
from inference.engine.segmentation.objects import (
    disk,
    filled,
    number,
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
RELIEF = 8.0
"""Levels of flooding from the middle of a cell to its rim."""
SMALLEST_CELL = 110
"""Pixels at the size at which the network works, where a usual nucleus has about 450."""
SMALLEST_SHARE = 0.2
"""Of the area of the picture's typical cell."""
SUREST = 0.7
"""Mean probability below which an object is no cell."""


def draw(logits: Floats, rgb: Rgb) -> Segmentation:
    """Cells of a picture. logits: (h, w, 4), perhaps of a smaller copy of `rgb` (H, W, 3)."""
    cell = np.logaddexp(logits[..., 1], logits[..., 2]) - logits[..., 0]
    labels = _instances(cell, logits[..., 3])
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


def _instances(cell: Floats, deep: Floats) -> NDArray[np.int32]:
    """Cells by a watershed whose borders lie where the network sees a rim: (h, w) int32."""
    depth = 1 / (1 + np.exp(-deep))
    closed = _closed(cell > 0)
    # Rims cut clumps apart; lobes of one nucleus, which have rims too, are told by the whole.
    core = typical_radius((cell > 0) & (depth > CORE)) / (1 - CORE)
    radius = max(core, typical_radius(closed))
    holes = filled(closed) & ~closed
    mask = closed | (holes & ~opened(holes, HOLE * radius))
    labels = split_touching(
        mask,
        min_distance_px=max(4.0, APART * radius),
        relief=np.asarray(RELIEF * (1 - depth), np.float32),
        core=mask & (depth > CORE),
    )
    return join_parts(labels, labels, red_radius=0)


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
