"""Density and texture of the chromatin of all nuclei of a field at once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import estimate_white, optical_density, sampled
from inference.engine.types import Floats, Rgb, Segmentation

LEVELS = 16
DENSEST = 2.0
"""Optical density from which on all is one level; most nuclei lie between 0.3 and 1.6."""
STEPS_A_NUCLEUS = 20
"""Neighbours are this part of the typical nucleus apart, so that pixels may have any size."""
WHITE_SAMPLE = 10_000
"""Pixels that tell the colour of the background to a tenth of a grey value, which is enough."""
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
_INDEX = np.arange(LEVELS)
_APART = ((_INDEX[:, None] - _INDEX[None, :]) ** 2).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Chromatin:
    """Chromatin of a field's nuclei.

    density: (H, W) float32, natural-log optical density in green, where azure-eosin stains absorb
    most. pairs: (n + 1, LEVELS, LEVELS) float64, by cell id: share of the neighbours within the
    nucleus that have levels i and j; all 0 for a nucleus without neighbours.
    """

    density: Floats
    pairs: NDArray[np.float64]

    def texture(self, number: int) -> dict[str, float]:
        """Contrast (levels^2), homogeneity (0 to 1) and entropy (bits) of one nucleus.

        Source: Haralick, Shanmugam, Dinstein, Textural features for image classification, IEEE
        Trans. SMC 3 (1973): sum p (i-j)^2, sum p / (1 + (i-j)^2), -sum p log2 p.
        """
        shares = self.pairs[number]
        known = shares[shares > 0]
        if not len(known):
            return {}
        return {
            "contrast": float((shares * _APART).sum()),
            "homogeneity": float((shares / (1 + _APART)).sum()),
            # Adding 0 turns the -0 of an even nucleus into 0.
            "entropy": float(-(known * np.log2(known)).sum()) + 0.0,
        }


def chromatin_of(found: Segmentation, rgb: Rgb) -> Chromatin:
    """Chromatin of every cell of `found`, the segmentation of `rgb`, (H, W, 3) uint8."""
    white = estimate_white(sampled(rgb, WHITE_SAMPLE))
    table = np.ascontiguousarray(optical_density(_RAMP, white)[0, :, 1])
    levels = np.minimum(table * (LEVELS / DENSEST), LEVELS - 1).astype(np.uint8)
    green = np.ascontiguousarray(rgb[..., 1])
    density = np.asarray(cv2.LUT(green, table), np.float32)
    owner = found.cells * found.nuclei
    return Chromatin(density, _pairs(owner, np.asarray(cv2.LUT(green, levels)), found.count))


def _pairs(owner: NDArray[np.uint16], levels: NDArray[np.uint8], count: int) -> NDArray[np.float64]:
    """Symmetric co-occurrence in four directions, each nucleus normalised to 1."""
    step = _step(owner, count)
    wide = np.pad(owner.astype(np.int32) * LEVELS + levels, ((0, step), (step, step)))
    flat, width = wide.ravel(), wide.shape[1]
    here = np.flatnonzero(flat >= LEVELS)
    mine = flat[here]
    codes = [
        _codes(mine, flat[here + step * (down * width + right)]) for down, right in _DIRECTIONS
    ]
    found = np.bincount(np.concatenate(codes), minlength=(count + 1) * LEVELS**2)
    table = found.reshape(count + 1, LEVELS, LEVELS)
    table[0] = 0
    both = table + table.transpose(0, 2, 1)
    shares: NDArray[np.float64] = both / np.maximum(both.sum(axis=(1, 2), keepdims=True), 1)
    return shares


def _codes(mine: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """Cell id, level here, level there as one number; 0 where the neighbour is another's."""
    same = (mine ^ other) < LEVELS
    return (mine * LEVELS + (other & (LEVELS - 1))) * same


def _step(owner: NDArray[np.uint16], count: int) -> int:
    sizes = np.bincount(owner.ravel(), minlength=count + 1)[1:]
    sizes = sizes[sizes > 0]
    typical = 2 * np.sqrt(np.median(sizes) / np.pi) if len(sizes) else 0.0
    return max(1, round(float(typical) / STEPS_A_NUCLEUS))
