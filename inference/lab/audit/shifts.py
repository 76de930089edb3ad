"""Lamps, stains, lenses and files that must not change what a model says of the same cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from inference.engine.colour import estimate_white, optical_density
from inference.engine.types import Rgb

Change = Callable[[Rgb], Rgb]
Factors = tuple[float, float, float]
"""Red, green, blue."""


def lamp(factors: Factors) -> Change:
    """More or less light in each channel."""
    return lambda rgb: np.clip(rgb * np.array(factors), 0, 255).astype(np.uint8)


def stain(factors: Factors) -> Change:
    """More or less dye: optical densities multiplied, the empty background left as it is.

    Source: Beer-Lambert law; Tellez et al., Medical Image Analysis 58 (2019), on stain shifts.
    """

    def change(rgb: Rgb) -> Rgb:
        white = estimate_white(rgb)
        density = optical_density(rgb, white) * np.array(factors, np.float32)
        stained = (white + 1) * np.exp(-density) - 1
        # Brighter than the background has no density, so it stays as it was.
        return np.clip(np.where(density > 0, stained, rgb), 0, 255).astype(np.uint8)

    return change


def turn(degrees: int) -> Change:
    """Every hue moved along the colour circle."""

    def change(rgb: Rgb) -> Rgb:
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(np.int16) + degrees // 2) % 180
        return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)

    return change


def blur(sigma_px: float) -> Change:
    """A lens slightly out of focus; sigma in pixels of the picture."""
    return lambda rgb: np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma_px), np.uint8)


def jpeg(quality: int) -> Change:
    """The picture saved once more, at `quality` (0 to 100)."""

    def change(rgb: Rgb) -> Rgb:
        _, packed = cv2.imencode(
            ".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(cv2.cvtColor(unpacked, cv2.COLOR_BGR2RGB), np.uint8)

    return change


SHIFTS: Mapping[str, Change] = {
    "darker by 30 %": lamp((0.7, 0.7, 0.7)),
    "brighter by 10 %": lamp((1.1, 1.1, 1.1)),
    "yellow lamp": lamp((1.0, 0.95, 0.8)),
    "blue lamp": lamp((0.85, 0.95, 1.0)),
    "hue turned by 6 degrees": turn(6),
    "hue turned back by 6 degrees": turn(-6),
    "stain weaker by 20 %": stain((0.8, 0.8, 0.8)),
    "stain stronger by 20 %": stain((1.2, 1.2, 1.2)),
    "redder stain": stain((0.85, 1.1, 1.1)),
    "bluer stain": stain((1.15, 1.0, 0.85)),
    "blurred by 1 pixel": blur(1.0),
    "saved as JPEG of quality 40": jpeg(40),
}
