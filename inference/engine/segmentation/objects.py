"""From masks to objects: splitting touching cells, dropping specks, numbering."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.types import Floats, Labels, Mask

MOST_OBJECTS = 65_535


def disk(radius: float) -> NDArray[np.uint8]:
    """A round structuring element of `radius` pixels, at least 3 x 3."""
    size = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(np.uint8)


def distance_inside(mask: Mask) -> Floats:
    """Distance of each pixel to the background in pixels: (H, W) float32.

    The picture's border counts as background, so that a cut cell gets no false centre there.
    """
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1].astype(np.float32)


def typical_radius(mask: Mask) -> float:
    """Inscribed radius in pixels of the typical object: area-weighted median, 0 without objects.

    A clump's largest inscribed circle is about one cell wide, so clumps do not mislead it.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return 0.0
    # Only pixels inside are compared: `ndimage.maximum` sorts all of them.
    largest = np.zeros(count, np.float32)
    np.maximum.at(largest, labels[mask].astype(np.intp), distance_inside(mask)[mask])
    radii = largest[1:]
    order = np.argsort(radii)
    weight = np.cumsum(stats[1:, cv2.CC_STAT_AREA][order])
    return float(radii[order][np.searchsorted(weight, weight[-1] / 2)])


def split_touching(
    mask: Mask,
    *,
    min_distance_px: float,
    relief: Floats | None = None,
    core: Mask | None = None,
) -> NDArray[np.int32]:
    """Separate touching cells by a watershed from the peaks of the distance to the background.

    mask: (H, W), true where a cell is. Returns (H, W) int32 labels, 0 = background.
    min_distance_px: smallest distance between two cell centres, in pixels of this picture.
    relief: (H, W) where cells meet, highest at their border; the distance itself unless given.
    core: (H, W) part of `mask` in which centres are looked for; all of it unless given.
    Source: Meyer, Topographic distance and watershed lines, Signal Processing 38 (1994).
    """
    if not mask.any():
        return np.zeros(mask.shape, np.int32)
    inside = distance_inside(mask if core is None else core)
    distance = ndimage.gaussian_filter(inside, min_distance_px / 8)
    seeds = peaks(distance, mask, min_distance_px)
    return flood(distance.max() - distance if relief is None else relief, seeds, mask)


def peaks(height: Floats, mask: Mask, min_distance_px: float) -> NDArray[np.int32]:
    """Peaks of `height` within `mask` that stand apart, numbered from 1: (H, W) int32, 0 elsewhere.

    A component of `mask` without a peak is one as a whole.
    """
    peak = (cv2.dilate(height, disk(min_distance_px / 2)) <= height) & mask
    pieces = cv2.connectedComponents(mask.astype(np.uint8))[1]
    with_peak = np.zeros(pieces.max() + 1, bool)
    with_peak[pieces[peak]] = True
    seeds = cv2.dilate(peak.astype(np.uint8), disk(1)).astype(bool) & mask
    starts = (seeds | ~with_peak[pieces]).astype(np.uint8) * mask
    numbered: NDArray[np.int32] = cv2.connectedComponents(starts)[1]
    return numbered


def flood(relief: Floats, seeds: NDArray[np.int32], mask: Mask) -> NDArray[np.int32]:
    """Grow `seeds` (0 = unknown) over `mask`, lowest `relief` first, until they meet.

    relief: (H, W) float32 in pixels; one level of flooding a pixel. Returns (H, W) int32.
    """
    # Morphology needs a float image for more than 65,535 seeds; float32 is exact up to 2**24.
    grown = np.where(mask, seeds, 0).astype(np.float32)
    step = np.ceil(relief).astype(np.int32)
    for level in range(int(step[mask].min(initial=0)), int(step[mask].max(initial=-1)) + 1):
        grown = _spread(grown, mask & (step <= level))
    return grown.astype(np.int32)


def _spread(grown: Floats, allowed: Mask) -> Floats:
    """Fill what of `allowed` touches a label, ring by ring."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    waiting = (allowed & (grown == 0)).view(np.uint8)
    while True:
        neighbours = cv2.dilate(grown, cross)
        ring = waiting & (neighbours > 0).view(np.uint8)
        if not cv2.countNonZero(ring):
            return grown
        cv2.copyTo(neighbours, ring, dst=grown)
        waiting ^= ring


def filled(mask: Mask) -> Mask:
    """`mask` without holes."""
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), edges, -1, 1, cv2.FILLED) > 0


def roundness(points: NDArray[np.int32], size: tuple[int, int]) -> float:
    """Share of its smallest enclosing circle that an object fills, up to 1.

    points: (n, 2) its pixels (x, y). size: height and width of the picture; what lies beyond its
    border does not count, so that a cell cut in half stays round.
    """
    (x, y), radius = cv2.minEnclosingCircle(points)
    reach = radius + 0.5
    down = np.arange(max(0, round(y - reach)), min(size[0], round(y + reach) + 1))[:, None]
    across = np.arange(max(0, round(x - reach)), min(size[1], round(x + reach) + 1))
    circle = (across - x) ** 2 + (down - y) ** 2 <= reach**2
    return len(points) / max(1, int(circle.sum()))


def number(labels: NDArray[np.int32], keep: NDArray[np.bool_]) -> Labels:
    """Labels 1..n without gaps; `keep[i]` says whether object i stays (index 0 is ignored).

    At most `MOST_OBJECTS` stay, because masks are 16 bit.
    """
    keep = keep.copy()
    keep[0] = False
    keep[np.flatnonzero(keep)[MOST_OBJECTS:]] = False
    new = np.zeros(len(keep), np.uint16)
    new[keep] = np.arange(1, keep.sum() + 1)
    return new[labels]
