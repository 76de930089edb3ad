"""Threshold in HSV, as in Reza 2024: kept for comparison with the default method."""

from __future__ import annotations

import cv2
import numpy as np

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk, number, split_touching, typical_radius
from inference.engine.types import Rgb, Segmentation

LOWEST = (100, 50, 70)
HIGHEST = (170, 255, 255)
"""Hue (0..180), saturation and value of purple, OpenCV's scales."""


class HsvSegmenter:
    """Purple pixels, opened, split by a watershed. Fixed numbers: follows no change of stain."""

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8 of any size and content."""
        purple = cv2.inRange(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), LOWEST, HIGHEST)
        purple[find_scale_bar(rgb)] = 0
        mask = cv2.morphologyEx(purple, cv2.MORPH_OPEN, disk(2)) > 0
        radius = typical_radius(mask)
        pieces = split_touching(mask, min_distance_px=max(2.0, 1.1 * radius))
        keep = np.bincount(pieces.ravel()) >= max(20.0, radius**2)
        cells = number(pieces, keep)
        return Segmentation(cells, cells > 0)
