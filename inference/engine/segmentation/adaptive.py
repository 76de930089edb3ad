"""The default method: stain signal, thresholds from the picture itself, distance watershed.

Works at a scale where a nucleus is about `WORKING_RADIUS` pixels in radius, found from the
picture, so that a cell may be 25 or 250 pixels wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import estimate_white, nucleus_signal, optical_density
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.merging import join_parts
from inference.engine.segmentation.objects import (
    disk,
    distance_inside,
    flood,
    number,
    split_touching,
    typical_radius,
)
from inference.engine.segmentation.redcells import RedCells, learn_red_cells
from inference.engine.types import Floats, Labels, Mask, Rgb, Segmentation

WORKING_RADIUS = 14.0
REACH = 1.4
"""How far cytoplasm reaches from the nucleus, in typical nuclear radii."""
SMALLEST_SHARE = 0.2
SMALLEST_OF_RED = 0.5
LOOK_PIXELS = 1_500_000
"""The scale is judged on a copy of at most this many pixels."""
WEAKEST_NUCLEUS = 0.14
"""Signal below which nothing is a nucleus, however uniform the picture."""

CERTAIN_NUCLEUS = 0.28
LIKELY_NUCLEUS = 0.21
CONTRAST_OF_NUCLEUS = 1.6
"""A picture whose typical nucleus is below `CERTAIN_NUCLEUS` must be above `LIKELY_NUCLEUS` and
this many times the signal of other stained ground, or it has no white cell."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the whole picture says before cells are drawn.

    white: (3,) background colour. nucleus: threshold of the nucleus signal.
    foreground: threshold of the mean density. radius_px: typical nucleus, original pixels.
    red_cells: their colour, None where there are hardly any. red_radius_px: then 0 too.
    """

    white: Floats
    nucleus: float
    foreground: float
    radius_px: float
    red_cells: RedCells | None
    red_radius_px: float


class AdaptiveSegmenter:
    """Picture -> white cells with nuclei; see the module for the method."""

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8 of any size and content."""
        bar = find_scale_bar(rgb)
        seen = look(rgb, bar)
        if seen.radius_px <= 0:
            return _nothing(rgb)
        factor = min(1.0, WORKING_RADIUS / seen.radius_px)
        small = _resized(rgb, factor)
        cells, nuclei = _draw(small, _mask_like(bar, small), seen, factor)
        return _enlarged(cells, nuclei, rgb)


def look(rgb: Rgb, bar: Mask) -> Look:
    """Background colour, thresholds and scale of a picture."""
    white = estimate_white(rgb)
    factor = min(1.0, float(np.sqrt(LOOK_PIXELS / max(1, rgb.shape[0] * rgb.shape[1]))))
    small = _resized(rgb, factor)
    density, signal = _channels(small, white)
    signal[_mask_like(bar, small)] = 0
    threshold = max(WEAKEST_NUCLEUS, _otsu(signal, WEAKEST_NUCLEUS / 2))
    nuclei = _cleaned(signal > threshold, 1.0)
    amount = density.mean(axis=-1)
    radius = typical_radius(nuclei) if _stands_out(signal, nuclei, amount) else 0.0
    foreground = max(0.06, 0.8 * _otsu(np.minimum(amount, 0.4), 0.01))
    red = _red_ground(amount > foreground, signal > threshold, radius)
    red_cells = learn_red_cells(density, red)
    red_radius = _red_radius(red, radius) if red_cells else 0.0
    radius_px = radius / factor if radius >= 2 else 0.0
    return Look(white, threshold, foreground, radius_px, red_cells, red_radius / factor)


def _stands_out(signal: Floats, nuclei: Mask, amount: Floats) -> bool:
    """Whether the supposed nuclei are a kind of their own, or only the darkest red cells.

    Otsu always finds two kinds, also where there is no white cell at all.
    """
    if not nuclei.any():
        return False
    near = cv2.dilate(nuclei.astype(np.uint8), disk(2)) > 0
    others = signal[(amount > 0.06) & ~near]
    usual = float(np.percentile(others, 95)) if len(others) > 100 else 0.0
    typical = float(np.median(signal[nuclei]))
    return typical >= CERTAIN_NUCLEUS or (
        typical >= LIKELY_NUCLEUS and typical >= CONTRAST_OF_NUCLEUS * usual
    )


def _red_ground(stained: Mask, nuclei: Mask, radius: float) -> Mask:
    """Stained ground far enough from nuclei to be red cells and not cytoplasm."""
    away = cv2.distanceTransform((~nuclei).astype(np.uint8), cv2.DIST_L2, 5)
    far = stained & (away > 3 * radius)
    # Up to seven pieces may be the lobes of one nucleus, whose cytoplasm must not be learnt.
    pieces = cv2.connectedComponents(_cleaned(nuclei, 0.3 * radius).astype(np.uint8))[0] - 1
    crowded = far.mean() < 0.05 and pieces > 7
    return stained & (away > 1.5 * radius) if crowded else far


def _red_radius(red: Mask, nucleus_radius: float) -> float:
    """Typical radius of a red cell: the height of the higher peaks of the distance inside.

    The pale middle is filled; a gap among red cells is larger and stays.
    """
    solid = _small_holes_filled(_cleaned(red, 1.0), 0.8 * nucleus_radius)
    distance = np.asarray(cv2.GaussianBlur(distance_inside(solid), (0, 0), 1.0), np.float32)
    peaks = (cv2.dilate(distance, disk(nucleus_radius / 2)) <= distance) & (distance > 3)
    return float(np.percentile(distance[peaks], 92)) if peaks.any() else 0.0


def _channels(rgb: Rgb, white: Floats) -> tuple[Floats, Floats]:
    density = optical_density(rgb, white)
    # OpenCV drops an axis of length one.
    soft = np.asarray(cv2.GaussianBlur(density, (0, 0), 1.0), np.float32).reshape(density.shape)
    return soft, nucleus_signal(soft)


def _otsu(values: Floats, floor: float) -> float:
    """Otsu's threshold of the values above `floor`; `floor` where there are hardly any."""
    above = values[values > floor]
    if len(above) < 16:
        return floor
    top = float(np.percentile(above, 99.8))
    scaled = np.clip(above * (255 / top), 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(level) * top / 255


def _cleaned(mask: Mask, radius: float) -> Mask:
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disk(radius))
    return opened.astype(bool)


def _draw(rgb: Rgb, bar: Mask, seen: Look, factor: float) -> tuple[Labels, Mask]:
    """Cells and nuclei at the working scale, which is `factor` of the original."""
    radius, red_radius = seen.radius_px * factor, seen.red_radius_px * factor
    density, signal = _channels(rgb, seen.white)
    signal[bar] = 0
    nuclei = _nuclei(signal > seen.nucleus, radius)
    pieces = split_touching(nuclei, min_distance_px=1.1 * radius)
    pieces = _without_specks(pieces, radius)
    cells = _with_cytoplasm(pieces, density, seen, radius)
    cells = join_parts(cells, pieces, red_radius=red_radius)
    cells[bar] = 0
    kept = number(cells, _not_platelets(cells, red_radius))
    return kept, (pieces > 0) & (kept > 0)


def _filled(mask: Mask) -> Mask:
    """`mask` without holes."""
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), edges, -1, 1, cv2.FILLED) > 0


def _small_holes_filled(mask: Mask, radius: float) -> Mask:
    """`mask` without the holes into which no disk of `radius` fits."""
    holes = _filled(mask) & ~mask
    return mask | (holes & ~_cleaned(holes, radius))


def _nuclei(mask: Mask, radius: float) -> Mask:
    """Small holes filled, lobes of one nucleus joined, thin threads cut."""
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disk(0.2 * radius)) > 0
    return _cleaned(_small_holes_filled(joined, 0.45 * radius), 0.25 * radius)


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
    ground = _cleaned(ground | (nuclei > 0), 0.4 * radius) | (nuclei > 0)
    return flood(away.astype(np.float32), nuclei, ground)


def _resized(rgb: Rgb, factor: float) -> Rgb:
    if factor >= 1:
        return rgb
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _mask_like(mask: Mask, rgb: Rgb) -> Mask:
    """`mask` at the size of `rgb`; a pixel stays marked where any of it was."""
    if mask.shape == rgb.shape[:2]:
        return mask
    size = (rgb.shape[1], rgb.shape[0])
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0


def _enlarged(cells: Labels, nuclei: Mask, rgb: Rgb) -> Segmentation:
    size = (rgb.shape[1], rgb.shape[0])
    cells = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST).astype(np.uint16)
    nuclei = cv2.resize(nuclei.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return Segmentation(cells, nuclei & (cells > 0))


def _nothing(rgb: Rgb) -> Segmentation:
    shape = rgb.shape[:2]
    return Segmentation(np.zeros(shape, np.uint16), np.zeros(shape, bool))
