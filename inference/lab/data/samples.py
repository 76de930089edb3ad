"""One training picture of the U-Net: pixels, what each of them is, and where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.colour import estimate_white
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk
from inference.engine.segmentation.scale import glance, resized
from inference.engine.segmentation.unet import WORKING_RADIUS
from inference.engine.types import Floats, Labels, Mask, Rgb

BACKGROUND, CYTOPLASM, NUCLEUS, UNKNOWN = 0, 1, 2, 255
SPARE = 1.5
"""Pictures are stored this much larger than the network sees them, for enlarging."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """rgb: (h, w, 3) uint8. kind: (h, w) uint8, one of the four above. depth: (h, w) uint8, 0 at
    the rim of a cell and 255 in its middle. white: (3,) its empty background.

    scale: factor from this copy to the size at which the network works.
    """

    rgb: Rgb
    kind: NDArray[np.uint8]
    depth: NDArray[np.uint8]
    white: Floats
    scale: float


def make_sample(
    rgb: Rgb, cells: Labels, nuclei: Mask, unknown: Mask, *, radius_px: float | None = None
) -> Sample:
    """A sample from a picture and its cells, all (H, W). unknown: pixels that teach nothing.

    radius_px: of a typical nucleus; found as the segmenter finds it where it is not given.
    """
    bar = find_scale_bar(rgb)
    radius = radius_px or glance(rgb, bar).radius_px or WORKING_RADIUS
    factor = min(1.0, SPARE * WORKING_RADIUS / radius)
    kind = np.where(nuclei, NUCLEUS, np.where(cells > 0, CYTOPLASM, BACKGROUND))
    kind[unknown | bar] = UNKNOWN
    white = estimate_white(rgb)
    small = resized(_without(rgb, bar, white), factor)
    size = (small.shape[1], small.shape[0])
    return Sample(
        small,
        _nearest(kind.astype(np.uint8), size),
        cv2.resize(depth_of(cells), size, interpolation=cv2.INTER_AREA).astype(np.uint8),
        white,
        min(1.0, WORKING_RADIUS / radius) / factor,
    )


def depth_of(cells: Labels) -> NDArray[np.uint8]:
    """Distance to the rim of each cell over its largest: (H, W) uint8, 0..255."""
    smooth = np.ones((3, 3), np.uint8)
    wide = cells.astype(np.float32)
    rim = (cv2.dilate(wide, smooth) != cv2.erode(wide, smooth)) | (cells == 0)
    away = cv2.distanceTransform((~rim).astype(np.uint8), cv2.DIST_L2, 5)
    count = int(cells.max(initial=0))
    most = ndimage.maximum(away, cells, np.arange(1, count + 1)) if count else []
    largest = np.concatenate([[1.0], np.maximum(most, 1.0)]).astype(np.float32)
    return np.asarray(255 * away / largest[cells] * (cells > 0), np.uint8)


def band(cells: Labels, width: float) -> Mask:
    """Pixels within `width` of any rim, where a drawing that is not exact teaches nothing."""
    smooth = np.ones((3, 3), np.uint8)
    wide = cells.astype(np.float32)
    rim = (cv2.dilate(wide, smooth) != cv2.erode(wide, smooth)).astype(np.uint8)
    return cv2.dilate(rim, disk(width)) > 0


def _without(rgb: Rgb, bar: Mask, white: Floats) -> Rgb:
    if not bar.any():
        return rgb
    clean = rgb.copy()
    clean[bar] = white
    return clean


def _nearest(values: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_NEAREST), np.uint8)
