"""What a type network must not react to, beyond `training.augment`: scale, resolution, gaps."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from inference.engine.crops import Crops
from inference.engine.sizes import CropSettings
from inference.engine.types import Floats
from inference.lab.data.single_cells import (
    TypeCells,
    own_scale_crops,
    standard_crops,
)
from inference.lab.train.augment import augment

SCALES = (0.8, 0.9, 1.0, 1.12, 1.25)
"""Relative to the standard scale: the typical cell of a field may be a lymphocyte or a monocyte."""
COARSE = (0.6,)
"""Sides of crops, relative to the usual, as in pictures with fewer pixels a cell."""


def views(cells: TypeCells, settings: CropSettings) -> Crops:
    """Each cell as different fields would show it: (views, n, side, side, 3) uint8.

    Made once, because cutting costs more than a training step; `varied` does the rest.
    """
    several = [standard_crops(cells, settings, scale=scale) for scale in SCALES]
    several.append(own_scale_crops(cells, settings))
    for share in COARSE:
        coarse = replace(settings, side=round(share * settings.side))
        several.append(_enlarged(standard_crops(cells, coarse), settings.side))
    return np.stack(several)


def _enlarged(crops: Crops, side: int) -> Crops:
    """Crops of fewer pixels at the usual size; outside a cell stays 0."""
    large = np.zeros((len(crops), side, side, 3), np.uint8)
    for place, crop in enumerate(crops):
        inside = np.asarray(crop.any(axis=-1), np.float32)
        cover = cv2.resize(inside, (side, side), interpolation=cv2.INTER_LINEAR)[..., None]
        pixels = cv2.resize(crop.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
        full = np.clip(pixels / np.maximum(cover, 0.5), 1, 255)
        large[place] = np.where(cover > 0.5, full, 0)
    return large


def varied(crops: Crops, rng: np.random.Generator) -> Floats:
    """(n, side, side, 3) uint8 crops -> float32 in [0, 255]: half only turned, half changed.

    The changed half is restained, warped, blurred and partly hidden. The other half keeps what
    granules need: their true colour and sharpness.
    """
    half = len(crops) // 2
    changed = with_gaps(augment(crops[:half], rng), rng) if half else crops[:0]
    return np.concatenate([changed, turned(crops[half:], rng)]).astype(np.float32)


def turned(crops: Crops, rng: np.random.Generator) -> Crops:
    """Each crop in one of the eight positions of a square."""
    way = rng.integers(8, size=len(crops))
    moved = crops.copy()
    for number in range(8):
        chosen = crops[way == number]
        chosen = np.rot90(chosen, number % 4, axes=(1, 2))
        moved[way == number] = chosen[:, ::-1] if number >= 4 else chosen
    return moved


def with_gaps(crops: Floats, rng: np.random.Generator) -> Floats:
    """A fifth of the crops lose a square of up to a third of their side, as behind a neighbour.

    Source: DeVries and Taylor, Improved Regularization with Cutout (2017).
    """
    n, side = crops.shape[:2]
    half = rng.uniform(1 / 12, 1 / 6, n) * side
    centre = rng.uniform(0, side, (n, 2))
    chosen = np.asarray(rng.random(n) < 0.2)
    away = np.abs(np.arange(side)[None, :, None] - centre[:, None, :]) < half[:, None, None]
    hidden = away[:, :, None, 0] & away[:, None, :, 1] & chosen[:, None, None]
    return np.asarray(np.where(hidden[..., None], 0, crops), np.float32)
