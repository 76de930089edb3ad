"""How large the nuclei of a picture are, so that a cell may be 25 or 250 pixels wide."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.engine.colour import estimate_white, nucleus_signal, optical_density
from inference.engine.segmentation.objects import disk, typical_radius
from inference.engine.types import Floats, Labels, Mask, Rgb, Segmentation

LOOK_PIXELS = 1_500_000
"""The scale is judged on a copy of at most this many pixels."""
WEAKEST_NUCLEUS = 0.14
"""Signal below which nothing is a nucleus, however uniform the picture."""

CERTAIN_NUCLEUS = 0.28
LIKELY_NUCLEUS = 0.21
CONTRAST_OF_NUCLEUS = 1.6
"""A picture whose typical nucleus is below `CERTAIN_NUCLEUS` must be above `LIKELY_NUCLEUS` and
this many times the signal of other stained ground, or it has no white cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A first look at the whole picture, on a copy that is `factor` of its size.

    white: (3,) background colour. density: (h, w, 3), signal: (h, w) of the copy.
    threshold: of the nucleus signal. radius: in pixels of the copy, of what most looks like nuclei,
    0 where nothing does. stands_out: whether that is a kind of its own; where it is not, it may be
    the darkest red cells, or pale nuclei beside dark red cells.
    """

    white: Floats
    factor: float
    density: Floats
    signal: Floats
    threshold: float
    radius: float
    stands_out: bool

    @property
    def radius_px(self) -> float:
        """The radius in pixels of the picture; 0 where there is nothing that can be drawn."""
        return self.radius / self.factor if self.radius >= 2 else 0.0


def glance(rgb: Rgb, bar: Mask) -> Glance:
    """Background colour, nucleus threshold and scale. bar: (H, W) bool, the printed scale bar."""
    white = estimate_white(rgb)
    factor = min(1.0, float(np.sqrt(LOOK_PIXELS / max(1, rgb.shape[0] * rgb.shape[1]))))
    small = resized(rgb, factor)
    density, signal = stain_channels(small, white)
    signal[mask_like(bar, small)] = 0
    threshold = max(WEAKEST_NUCLEUS, otsu(signal, WEAKEST_NUCLEUS / 2))
    nuclei = opened(signal > threshold, 1.0)
    seen = _stands_out(signal, nuclei, density.mean(axis=-1))
    return Glance(white, factor, density, signal, threshold, typical_radius(nuclei), seen)


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


def stain_channels(rgb: Rgb, white: Floats) -> tuple[Floats, Floats]:
    """Softened optical density (H, W, 3) and nucleus signal (H, W)."""
    density = optical_density(rgb, white)
    # OpenCV drops an axis of length one.
    soft = np.asarray(cv2.GaussianBlur(density, (0, 0), 1.0), np.float32).reshape(density.shape)
    return soft, nucleus_signal(soft)


def otsu(values: Floats, floor: float) -> float:
    """Otsu's threshold of the values above `floor`; `floor` where there are hardly any."""
    above = values[values > floor]
    if len(above) < 16:
        return floor
    top = float(np.percentile(above, 99.8))
    scaled = np.clip(above * (255 / top), 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(level) * top / 255


def opened(mask: Mask, radius: float) -> Mask:
    """`mask` without what is thinner than a disk of `radius`."""
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disk(radius)).astype(bool)


def resized(rgb: Rgb, factor: float) -> Rgb:
    """`rgb` at `factor` of its size, at least one pixel; never enlarged."""
    if factor >= 1:
        return rgb
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def mask_like(mask: Mask, rgb: Rgb) -> Mask:
    """`mask` at the size of `rgb`; a pixel stays marked where any of it was."""
    if mask.shape == rgb.shape[:2]:
        return mask
    size = (rgb.shape[1], rgb.shape[0])
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0


def enlarged(cells: Labels, nuclei: Mask, rgb: Rgb) -> Segmentation:
    """A segmentation of a smaller copy at the size of `rgb`."""
    size = (rgb.shape[1], rgb.shape[0])
    cells = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST).astype(np.uint16)
    nuclei = cv2.resize(nuclei.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return Segmentation(cells, nuclei & (cells > 0))


def nothing(rgb: Rgb) -> Segmentation:
    """No cell at all."""
    shape = rgb.shape[:2]
    return Segmentation(np.zeros(shape, np.uint16), np.zeros(shape, bool))
