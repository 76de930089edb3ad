"""Changes to crops that a model must not react to: turning, size, stain, light, focus."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops


class Strength(Enum):
    """How far stain may change: dye of each channel (least, most), mixture, level, share grey.

    TURNED changes nothing but the direction. MILD is the variation within a laboratory, STRONG
    that among laboratories; both also change size and focus.
    """

    TURNED = (1.0, 1.0, 0.0, 0.0, 0.0)
    MILD = (0.88, 1.14, 0.02, 3.0, 0.0)
    STRONG = (0.72, 1.38, 0.06, 8.0, 0.15)


def augment(
    crops: Crops, rng: np.random.Generator, strength: Strength = Strength.STRONG
) -> NDArray[np.float32]:
    """(n, side, side, 3) uint8 crops -> float32 of the same shape in [0, 255], background 0."""
    turned = [_turned(crop, rng) for crop in crops]
    if strength is Strength.TURNED:
        return np.stack(turned).astype(np.float32)
    return _restained(np.stack([_moved(crop, rng) for crop in turned]), rng, strength)


def _turned(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turned by a right angle, or none, or two; half of them mirrored."""
    crop = np.rot90(crop, int(rng.integers(4)))
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def _moved(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Half of them turned by any angle and 15 % larger or smaller; some blurred."""
    if rng.random() < 0.5:
        crop = _warped(np.ascontiguousarray(crop), rng)
    if rng.random() < 0.2:
        inside = crop.any(axis=-1, keepdims=True)
        soft = cv2.GaussianBlur(np.ascontiguousarray(crop), (0, 0), rng.uniform(0.4, 1.0))
        crop = np.asarray(soft, np.uint8) * inside
    return crop


def _warped(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    side = crop.shape[0]
    middle = (side / 2 - 0.5, side / 2 - 0.5)
    turn = cv2.getRotationMatrix2D(middle, rng.uniform(0, 90), rng.uniform(0.85, 1.15))
    turned = cv2.warpAffine(crop, turn, (side, side), flags=cv2.INTER_LINEAR)
    # The mask is turned on its own, so that no half-black rim tells a turned crop from others.
    inside = np.asarray(crop.any(axis=-1), np.float32)
    cover = cv2.warpAffine(inside, turn, (side, side), flags=cv2.INTER_LINEAR)[..., None]
    full = np.clip(turned / np.maximum(cover, 0.5), 1, 255)
    return np.where(cover > 0.5, full, 0).astype(np.uint8)


def _restained(
    crops: NDArray[np.uint8], rng: np.random.Generator, strength: Strength
) -> NDArray[np.float32]:
    """Amount of each stain, mixture of the channels and level changed; some lose all colour.

    Crops are optical densities, so a gain is more or less dye and a level is a haze.
    """
    least, most, mixture, haze, grey = strength.value
    n = len(crops)
    inside = crops.any(axis=-1, keepdims=True)
    mix = np.eye(3) * rng.uniform(least, most, (n, 1, 3)) + rng.normal(0, mixture, (n, 3, 3))
    mix[rng.random(n) < grey] = 1 / 3
    level = rng.normal(0, haze, (n, 1, 3)).astype(np.float32)
    stained = crops.reshape(n, -1, 3).astype(np.float32) @ mix.astype(np.float32) + level
    shaken: NDArray[np.float32] = np.clip(stained, 1, 255).reshape(crops.shape) * inside
    return shaken
