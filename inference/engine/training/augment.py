"""Changes to crops that a model must not react to: turning, size, stain, light, focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops

MIDDLE = 128.0


def augment(crops: Crops, rng: np.random.Generator) -> NDArray[np.float32]:
    """(n, side, side, 3) uint8 crops -> float32 of the same shape in [0, 255], background 0."""
    moved = np.stack([_moved(crop, rng) for crop in crops])
    return _restained(moved, rng)


def _moved(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turned by any angle, mirrored, 15 % larger or smaller, sometimes blurred."""
    side = crop.shape[0]
    centre = (side / 2 - 0.5, side / 2 - 0.5)
    turn = cv2.getRotationMatrix2D(centre, rng.uniform(0, 360), rng.uniform(0.85, 1.15))
    turn[:, 2] += rng.uniform(-2, 2, 2)
    if rng.random() < 0.3:
        inside = crop.any(axis=-1, keepdims=True)
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.5, 1.2)) * inside
    # Nearest keeps the edge of the cell hard: no mixture of cell and background appears.
    crop = cv2.warpAffine(crop, turn, (side, side), flags=cv2.INTER_NEAREST)
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def _restained(crops: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Colours mixed by a random matrix, contrast and level shifted; some crops lose all colour."""
    n = len(crops)
    inside = crops.any(axis=-1, keepdims=True)
    mix = np.eye(3) + rng.normal(0, 0.15, (n, 3, 3))
    grey = rng.random(n) < 0.4
    mix[grey] = 1 / 3
    mix *= rng.uniform(0.7, 1.4, (n, 1, 1))
    level = MIDDLE + rng.normal(0, 15, (n, 1, 3))
    centred = crops.reshape(n, -1, 3).astype(np.float32) - np.float32(MIDDLE)
    stained = centred @ mix.astype(np.float32) + level.astype(np.float32)
    return np.clip(stained, 1, 255).reshape(crops.shape) * inside
