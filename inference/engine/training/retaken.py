"""The same field photographed once more: another lamp, more or less dye, another focus and file."""

from __future__ import annotations

import numpy as np

from inference.engine.evaluation.audit_shifts import blur, jpeg, lamp, stain
from inference.engine.types import Rgb

STAIN = (0.7, 1.3)
"""Dye of another batch, and of each channel beside it."""
STAIN_OF_A_CHANNEL = (0.87, 1.15)
LAMP = (0.65, 1.15)
LAMP_OF_A_CHANNEL = (0.85, 1.05)
QUALITY = (25, 90)
"""Of the JPEG file: clinics with a bad line send small ones."""
BLURRED = 0.3
MOST_BLUR = 1.1
"""Pixels of the picture."""


def retake(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """(H, W, 3) uint8 -> the same place, unlike in all that a camera and a stain may change."""
    seen = stain(_factors(rng, STAIN, STAIN_OF_A_CHANNEL))(rgb)
    if rng.random() < BLURRED:
        seen = blur(float(rng.uniform(0.3, MOST_BLUR)))(seen)
    seen = lamp(_factors(rng, LAMP, LAMP_OF_A_CHANNEL))(seen)
    return jpeg(int(rng.integers(*QUALITY)))(seen)


def _factors(
    rng: np.random.Generator, overall: tuple[float, float], channel: tuple[float, float]
) -> tuple[float, float, float]:
    red, green, blue = rng.uniform(*overall) * rng.uniform(*channel, 3)
    return float(red), float(green), float(blue)
