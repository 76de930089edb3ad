"""Patches for one training step: turned, resized, restained, blurred, noisy, compressed."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import optical_density
from inference.engine.segmentation.unet import WORKING_RADIUS
from inference.engine.types import Floats, Rgb
from inference.lab.data.samples import UNKNOWN, Sample

SCALES = (0.6, 1.6)
"""How wrong the estimated scale of a picture may be."""
MOST_LIGHT = 310
"""Above 255 the empty background is overexposed, and pale cells lose what they have of colour."""
ON_A_CELL = 0.4
"""Share of the patches that are laid on a cell, where the picture has one."""
TRIES = 96
"""Pixels looked at for one of a cell."""


def make_batch(
    samples: Sequence[Sample], side: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Densities (n, side, side, 3) and targets (n, side, side, 3) float32: kind, depth, weight."""
    patches = [_patch(sample, side, rng) for sample in samples]
    return np.stack([density for density, _ in patches]), np.stack([aim for _, aim in patches])


def _patch(sample: Sample, side: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    turn = _turn(sample, side, rng)
    size = (side, side)
    rgb = cv2.warpAffine(
        sample.rgb, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    kind = cv2.warpAffine(sample.kind, turn, size, flags=cv2.INTER_NEAREST, borderValue=[UNKNOWN])
    depth = cv2.warpAffine(sample.depth, turn, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full(sample.kind.shape, 1, np.uint8), turn, size, flags=0) > 0
    density = _photographed(np.asarray(rgb, np.uint8), sample.white, rng)
    known = (kind != UNKNOWN).astype(np.float32)
    aim = np.stack([np.where(known > 0, kind, 0), depth / 255.0, known], axis=-1)
    return density * inside[..., None], aim.astype(np.float32)


def _turn(sample: Sample, side: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(2, 3): any angle, mirrored or not, a scale of `SCALES`, a place inside the picture."""
    low, high = np.log(SCALES)
    scale = sample.scale * float(np.exp(rng.uniform(low, high)))
    angle = rng.uniform(0, 2 * np.pi)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= rng.choice([-1, 1])
    height, width = sample.kind.shape
    # A small picture lies anywhere in the patch, a large one fills it.
    room = np.maximum(0.0, np.array([width, height]) - side / scale)
    middle = np.array([width, height]) / 2 + rng.uniform(-0.5, 0.5, 2) * np.maximum(
        room, 0.3 * side / scale
    )
    if rng.random() < ON_A_CELL:
        middle = _place_on_a_cell(sample, rng, otherwise=middle)
    return np.column_stack([turn, side / 2 - turn @ middle])


def _place_on_a_cell(
    sample: Sample, rng: np.random.Generator, *, otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(x, y) of a random pixel of a cell, shifted a little; cells may be few in a large picture."""
    height, width = sample.kind.shape
    rows, columns = rng.integers(0, height, TRIES), rng.integers(0, width, TRIES)
    kind = sample.kind[rows, columns]
    hits = np.flatnonzero((kind != UNKNOWN) & (kind > 0))
    if not len(hits):
        return otherwise
    shift = rng.normal(0, 1.5 * WORKING_RADIUS / sample.scale, 2)
    return np.array([columns[hits[0]], rows[hits[0]]]) + shift


def _photographed(rgb: Rgb, white: Floats, rng: np.random.Generator) -> Floats:
    """Optical density of the patch under another stain, lamp and camera."""
    density = optical_density(rgb, white)
    mix = np.eye(3) * rng.uniform(0.8, 1.25, 3) + rng.normal(0, 0.05, (3, 3))
    mix = mix * rng.uniform(0.6, 1.3)
    restained = np.maximum(density.reshape(-1, 3) @ mix.astype(np.float32), 0)
    if rng.random() < 0.35:
        soft = cv2.GaussianBlur(restained.reshape(rgb.shape), (0, 0), rng.uniform(0.4, 1.6))
        restained = soft.reshape(-1, 3)
    lamp = rng.uniform(130, MOST_LIGHT) * rng.uniform(0.8, 1.0, 3)
    light = lamp * np.exp(-restained) + rng.normal(0, rng.uniform(0, 4), restained.shape)
    seen = np.clip(light, 0, 255).astype(np.uint8).reshape(rgb.shape)
    if rng.random() < 0.35:
        seen = _compressed(seen, int(rng.integers(35, 95)))
    white = np.minimum(lamp * rng.uniform(0.96, 1.03, 3), 255)
    return optical_density(seen, white.astype(np.float32))


def _compressed(rgb: Rgb, quality: int) -> Rgb:
    _, packed = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
