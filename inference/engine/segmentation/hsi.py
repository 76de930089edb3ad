"""Threshold on the saturation of HSI, as in Sampathila 2022: kept for comparison.

Its numbers suit single cells on a black ground. On a whole smear they find only what is stained
very deeply, and the paper splits no touching cells; here the pieces are split as `hsv` splits them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk, number, split_touching, typical_radius
from inference.engine.types import Mask, Rgb, Segmentation

LEAST_SATURATION, MOST_SATURATION = 180, 255
"""Of 0..255, as the paper gives them."""


class HsiSegmenter:
    """Saturated pixels, opened, split by a watershed. Cell and nucleus are the same to it."""

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8 of any size and content."""
        saturated = saturated_pixels(rgb) & ~find_scale_bar(rgb)
        mask = cv2.morphologyEx(saturated.astype(np.uint8), cv2.MORPH_OPEN, disk(2)) > 0
        radius = typical_radius(mask)
        pieces = split_touching(mask, min_distance_px=max(2.0, 1.1 * radius))
        keep = np.bincount(pieces.ravel()) >= max(20.0, radius**2)
        cells = number(pieces, keep)
        return Segmentation(cells, cells > 0)


def product_image(rgb: Rgb) -> Rgb:
    """The picture where it is saturated, black elsewhere: what the paper's network is shown."""
    return np.asarray(rgb * saturated_pixels(rgb)[..., None], np.uint8)


def saturated_pixels(rgb: Rgb) -> Mask:
    """(H, W) bool, true where the saturation is within the paper's limits."""
    level = saturation(rgb)
    return (level >= LEAST_SATURATION) & (level <= MOST_SATURATION)


def saturation(rgb: Rgb) -> NDArray[np.uint8]:
    """Saturation of HSI, (H, W) uint8: 255 (1 - 3 min(R, G, B) / (R + G + B)), 0 for black.

    Source: Gonzalez and Woods, Digital Image Processing, the RGB to HSI conversion.
    """
    total = rgb.sum(axis=-1, dtype=np.float32)
    share = 3 * rgb.min(axis=-1).astype(np.float32) / np.maximum(total, 1)
    return np.where(total > 0, np.rint(255 * (1 - share)), 0).astype(np.uint8)
