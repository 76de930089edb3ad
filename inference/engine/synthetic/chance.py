"""Chance that depends on the place alone, so that every tile throws the same dice."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats

Integers = NDArray[np.int64]

_NODES_PER_GRAIN = 2.0
_SPREAD = 0.9  # nodes
_UNIT = np.float32(2.0 * np.sqrt(np.pi) * _SPREAD)  # undoes the loss of variance by the blur


def uniform(seed: int, ix: Integers, iy: Integers, channel: int) -> NDArray[np.float64]:
    """Numbers in [0, 1) for the lattice sites (ix, iy); another `channel` is another draw.

    Source: the finaliser of SplitMix64, Steele, Lea, Flood, OOPSLA 2014, over the joined keys.
    """
    state = np.full(np.broadcast(ix, iy).shape, seed & 0xFFFFFFFF, np.uint64)
    for key in (np.asarray(ix), np.asarray(iy), np.full((), channel)):
        state = _mixed(state ^ key.astype(np.int64).view(np.uint64))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def drift(seed: int, box: tuple[int, int, int, int], pitch: float, channel: int) -> Floats:
    """Slowly varying noise in [0, 1) over the world rectangle `box` (x, y, w, h); (h, w) float32.

    The same world pixel gets the same value whatever the box. pitch: distance of the nodes, px.
    """
    x, y, w, h = box
    columns, across = _nodes(x, w, pitch)
    rows, down = _nodes(y, h, pitch)
    values = uniform(seed, columns[None, :], rows[:, None], channel).astype(np.float32)
    map_x = np.broadcast_to(across, (h, w)).astype(np.float32)
    map_y = np.broadcast_to(down[:, None], (h, w)).astype(np.float32)
    return np.asarray(cv2.remap(values, map_x, map_y, cv2.INTER_LINEAR), np.float32)


def drift_at(
    seed: int, x: NDArray[np.float64], y: NDArray[np.float64], pitch: float, channel: int
) -> NDArray[np.float64]:
    """The same kind of noise at single points (x, y) of the world."""
    column, across = _eased(x / pitch)
    row, down = _eased(y / pitch)
    corner = [[uniform(seed, column + i, row + j, channel) for i in (0, 1)] for j in (0, 1)]
    upper, lower = (one + (other - one) * across for one, other in corner)
    return np.asarray(upper + (lower - upper) * down)


def smooth_noise(rng: np.random.Generator, size: int, grain: float) -> Floats:
    """Noise of about unit variance with features of `grain` pixels; (size, size) float32."""
    nodes = max(2, int(np.ceil(_NODES_PER_GRAIN * size / max(grain, 1.0))) + 1)
    dots = rng.standard_normal((nodes, nodes), dtype=np.float32)
    # Blurred dots, not bare nodes: those would show their square lattice in the chromatin.
    coarse = cv2.GaussianBlur(dots, (0, 0), _SPREAD) * _UNIT
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _nodes(start: int, length: int, pitch: float) -> tuple[Integers, NDArray[np.float64]]:
    """Node numbers around a stretch of pixels, and each pixel's eased position among them."""
    whole, eased = _eased((start + np.arange(length)) / pitch)
    return np.arange(whole[0], whole[-1] + 2), whole - whole[0] + eased


def _eased(position: NDArray[np.float64]) -> tuple[Integers, NDArray[np.float64]]:
    """Node before each position, and the way to the next one, smoothed at both ends."""
    whole = np.floor(position)
    share = position - whole
    return whole.astype(np.int64), share * share * (3.0 - 2.0 * share)


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
