"""What of a picture shows the slide: through an eyepiece, a bright disc in a black frame.

The frame is no picture, yet its rim is darker than any nucleus and its corners would set the
scale. So it is replaced by empty background, and the lamp's fall-off towards the rim is taken out,
before anything else looks at the picture. A picture without a frame stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import counted_percentile, estimate_white
from inference.engine.types import Floats, Mask, Rgb, Segmentation

LOOK_SIDE = 320
"""Pixels. The frame is found on a copy whose longer side is at most this."""
BLACK = 0.3
"""Brightest channel of the frame, as a share of the picture's brightest parts. Nuclei reach less in
red and green only."""
LEAST_LIT = 100
"""Level of the brightest parts of a lit view. A cell that somebody cut out is no view."""
LEAST_FRAME = 0.01
LEAST_VIEW = 0.2
MOST_BITTEN = 0.15
"""Share of the view that dark cells at its rim may take away before it is no disc or rectangle."""
RIM = 0.03
"""Soft edge of the view, in radii of a disc of its area: no picture either."""
MOST_GAIN = 3.0
RINGS = 24


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """inside: (H, W) bool, where the picture shows the slide. rgb: the same with the rest empty."""

    inside: Mask
    rgb: Rgb

    @property
    def share(self) -> float:
        """Share of the picture that shows the slide, 0 to 1."""
        return float(self.inside.mean())

    def cut(self, found: Segmentation, most: float) -> NDArray[np.bool_]:
        """Which cells of `found` lie on the edge of the view along more than `most` diameters."""
        edge = cv2.dilate((~self.inside).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        areas = np.bincount(found.cells.ravel(), minlength=found.count + 1)[1:]
        along = np.bincount(found.cells[edge], minlength=found.count + 1)[1:]
        return np.asarray(along > most * np.sqrt(4 * areas / np.pi))


def find_view(rgb: Rgb) -> View | None:
    """The view of (H, W, 3) uint8 `rgb`; None where the whole picture shows the slide."""
    small = _shrunk(rgb)
    frame = _frame(small)
    if frame is None:
        return None
    hull = _hull(~frame)
    share = hull.mean()
    if not (share >= LEAST_VIEW and 1 - share >= LEAST_FRAME and _is_whole(hull, frame)):
        return None
    radius = np.sqrt(share * rgb.shape[0] * rgb.shape[1] / np.pi)
    size = (rgb.shape[1], rgb.shape[0])
    whole = cv2.resize(hull.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(
        np.uint8
    )
    depth = _depth(whole) - RIM * radius
    return View(depth > 0, _flattened(rgb, depth))


def _shrunk(rgb: Rgb) -> Rgb:
    factor = LOOK_SIDE / max(rgb.shape[:2])
    if factor >= 1:
        return rgb
    size = [max(1, round(side * factor)) for side in (rgb.shape[1], rgb.shape[0])]
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _frame(small: Rgb) -> Mask | None:
    """Black ground that reaches from a corner to another; None where there is none."""
    first, second, third = cv2.split(small)
    brightest = np.asarray(cv2.max(first, cv2.max(second, third)), np.uint8)
    lit = counted_percentile(np.bincount(brightest.ravel(), minlength=256), 0.95)
    if lit < LEAST_LIT:
        return None
    dark = (brightest <= BLACK * lit).astype(np.uint8)
    corners = (dark[0, 0], dark[0, -1], dark[-1, 0], dark[-1, -1])
    if sum(map(bool, corners)) < 2:
        return None
    groups = cv2.connectedComponents(dark, connectivity=8)[1]
    reached = {int(groups[y, x]) for y in (0, -1) for x in (0, -1)} - {0}
    return np.asarray(np.isin(groups, list(reached)))


def _hull(lit: Mask) -> Mask:
    """The least convex ground that holds the largest piece of `lit`, so that what dark cells bite
    out of the rim belongs to it."""
    solid = cv2.morphologyEx(lit.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, groups, stats, _ = cv2.connectedComponentsWithStats(solid)
    hull = np.zeros(lit.shape, np.uint8)
    if count > 1:
        piece = (groups == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
        outlines = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        cv2.fillConvexPoly(hull, cv2.convexHull(np.concatenate(outlines)), 1)
    return hull > 0


def _is_whole(hull: Mask, frame: Mask) -> bool:
    return bool(frame[hull].mean() <= MOST_BITTEN)


def _depth(inside: NDArray[np.uint8]) -> Floats:
    """Distance to the edge of the view in pixels, which the border of the picture is not."""
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    return np.asarray(away, np.float32)


def _flattened(rgb: Rgb, depth: Floats) -> Rgb:
    """`rgb` with the lamp as bright at the rim as in the middle, and the rest empty background."""
    inside = depth > 0
    rings = np.minimum((depth * (RINGS / max(float(depth.max()), 1.0))).astype(np.intp), RINGS - 1)
    lamp = np.array(
        [
            [_lamp(rgb[..., channel][inside & (rings == ring)]) for channel in range(3)]
            for ring in range(RINGS)
        ],
        np.float32,
    )
    white = lamp.max(axis=0)
    gain = np.clip(white / np.maximum(lamp, 1), 1, MOST_GAIN)
    flat: Rgb = np.clip(rgb * gain[rings], 0, 255).astype(np.uint8)
    flat[~inside] = estimate_white(flat[inside][None]).astype(np.uint8)
    return flat


def _lamp(values: NDArray[np.uint8]) -> float:
    """Brightness of the empty background among `values`; 0 for none."""
    return counted_percentile(np.bincount(values, minlength=256), 0.9) if len(values) else 0.0
