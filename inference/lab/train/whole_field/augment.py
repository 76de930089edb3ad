"""A recipe applied to a batch of fields: one warp a picture, the rest on the batch at once."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats
from inference.lab.data.pictures import Pictures
from inference.lab.train.whole_field.recipes import Recipe

Random = np.random.Generator
GREY = 127.0


def augment(pixels: Pictures, recipe: Recipe, rng: Random) -> Floats:
    """(n, side, side, 3) uint8 fields -> float32 of the same shape in [0, 255]."""
    fields = np.stack([_moved(field, recipe, rng) for field in pixels]).astype(np.float32)
    if recipe.stain or recipe.lamp:
        fields = _restained(fields, recipe, rng)
    if recipe.contrast or recipe.brightness:
        fields = _relit(fields, recipe, rng)
    if recipe.cutout:
        _cut_out(fields, recipe.cutout, rng)
    if recipe.salt_pepper:
        _salt(fields, recipe.salt_pepper, rng)
    return np.clip(fields, 0, 255)


def _moved(field: NDArray[np.uint8], recipe: Recipe, rng: Random) -> NDArray[np.uint8]:
    side = field.shape[0]
    # Reflected rims: a black corner would tell the network how far the picture was turned.
    moved = cv2.warpAffine(
        np.asarray(field),
        _matrix(side, recipe, rng),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if recipe.blur and rng.random() < 0.5:
        moved = cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.2, 1) * recipe.blur)
    return np.asarray(moved, np.uint8)


def _matrix(side: int, recipe: Recipe, rng: Random) -> NDArray[np.float64]:
    """(2, 3) affine map about the middle: turn, shear, zoom, mirror, cropped window."""
    angle = math.radians(rng.uniform(-1, 1) * recipe.rotation)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    slant = np.array([[1.0, rng.uniform(-1, 1) * recipe.shear], [0.0, 1.0]])
    window = 1 - rng.uniform(0, 1) * recipe.crop
    scale = (1 + rng.uniform(-1, 1, 2) * recipe.zoom) / window
    mirror = [
        -1.0 if flip and rng.random() < 0.5 else 1.0 for flip in (recipe.flip_h, recipe.flip_v)
    ]
    linear = turn @ slant @ np.diag(scale * np.array(mirror))
    middle = np.full(2, side / 2 - 0.5)
    # A crop may lie anywhere in the picture, not only in its middle.
    away = rng.uniform(-0.5, 0.5, 2) * (1 - window) * side
    return np.column_stack([linear, middle - linear @ (middle + away)])


def _restained(fields: Floats, recipe: Recipe, rng: Random) -> Floats:
    """More or less of each channel's dye (Beer-Lambert: light to a power), another lamp."""
    n = len(fields)
    dye = np.exp(rng.normal(0, recipe.stain, (n, 1, 1, 3))).astype(np.float32)
    lamp = (1 + rng.normal(0, recipe.lamp, (n, 1, 1, 3))).astype(np.float32)
    return np.asarray(255 * np.power(fields / 255, dye) * lamp, np.float32)


def _relit(fields: Floats, recipe: Recipe, rng: Random) -> Floats:
    n = len(fields)
    gain = (1 + rng.uniform(-1, 1, (n, 1, 1, 1)) * recipe.contrast).astype(np.float32)
    level = (255 * rng.uniform(-1, 1, (n, 1, 1, 1)) * recipe.brightness).astype(np.float32)
    mean = fields.mean(axis=(1, 2, 3), keepdims=True)
    return np.asarray((fields - mean) * gain + mean + level, np.float32)


def _cut_out(fields: Floats, share: float, rng: Random) -> None:
    side = fields.shape[1]
    size = max(1, round(side * share))
    for field, (top, left) in zip(
        fields, rng.integers(0, side - size + 1, (len(fields), 2)), strict=True
    ):
        field[top : top + size, left : left + size] = GREY


def _salt(fields: Floats, share: float, rng: Random) -> None:
    chance = rng.random(fields.shape[:3], dtype=np.float32)
    fields[chance < share / 2] = 0
    fields[chance > 1 - share / 2] = 255
