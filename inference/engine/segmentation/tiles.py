"""A network on pictures of any size, with a handful of input shapes.

A compiled network is quick for the shapes that it knows. Small pictures are padded to the next of
`SIDES`; larger ones go in overlapping tiles, whose answers fade into each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from inference.engine.types import Floats

SIDES = (64, 128, 224, 256)
TILE = SIDES[-1]
OVERLAP = 96
"""More than the reach of the network on both sides, but for what no longer matters."""
RIM = 16
"""Pixels at the rim of a tile that count for nothing where another tile shows them."""

Network = Callable[[Floats], Floats]
"""(1, side, side, 3) optical density, side from `SIDES` -> (1, side, side, k) logits."""


def run_in_tiles(density: Floats, network: Network) -> Floats:
    """(H, W, 3) optical density -> (H, W, k) logits; no side need fit anything."""
    height, width = density.shape[:2]
    if max(height, width) <= TILE:
        return _padded(density, network)
    total: Floats | None = None
    shares = np.zeros((height, width, 1), np.float32)
    for top in _starts(height):
        for left in _starts(width):
            part = (slice(top, top + TILE), slice(left, left + TILE))
            logits = _padded(density[part], network)
            share = _fading(*logits.shape[:2])
            if total is None:
                total = np.zeros((height, width, logits.shape[-1]), np.float32)
            total[part] += share * logits
            shares[part] += share
    assert total is not None
    total /= shares
    return total


def _padded(density: Floats, network: Network) -> Floats:
    height, width = density.shape[:2]
    side = next(side for side in SIDES if side >= max(height, width))
    square = np.zeros((1, side, side, 3), np.float32)
    square[0, :height, :width] = density
    return network(square)[0, :height, :width]


def _starts(length: int) -> Iterator[int]:
    """Where tiles begin: a multiple of 16 apart, so that all see the same grid."""
    step = TILE - OVERLAP
    return iter(range(0, max(1, length - OVERLAP), step))


def _fading(height: int, width: int) -> Floats:
    """Weights (height, width, 1): 1 in the middle, almost nothing at the rim."""
    down, across = (
        np.clip((np.minimum(np.arange(n), TILE - 1 - np.arange(n)) - RIM) / (OVERLAP / 2), 1e-4, 1)
        for n in (height, width)
    )
    return np.asarray(down[:, None, None] * across[None, :, None], np.float32)
