"""Colour of stained blood: optical density and the nucleus signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats, Rgb

DARKEST_WHITE = 40.0
SAMPLE = 200_000


def sampled(rgb: Rgb, size: int = SAMPLE) -> Rgb:
    """Every k-th pixel of a picture as (n, 3) uint8, n about `size`: enough for percentiles."""
    flat = rgb.reshape(-1, 3)
    return flat[:: max(1, len(flat) // size)]


def estimate_white(rgb: Rgb) -> Floats:
    """Colour of the empty, lit background: (3,) float32, 95th percentile of each channel.

    Never below `DARKEST_WHITE`, so that a black picture does not turn into amplified noise.
    """
    some = sampled(rgb)
    # Counting 256 levels is several times faster than sorting the pixels.
    white = [
        counted_percentile(np.bincount(some[:, channel], minlength=256), 0.95)
        for channel in range(3)
    ]
    return np.maximum(white, DARKEST_WHITE).astype(np.float32)


def counted_percentile(counts: NDArray[np.intp], share: float) -> float:
    """Percentile of whole numbers that occur `counts[number]` times, as `np.percentile` has it."""
    reached = np.cumsum(counts)
    place = share * (int(reached[-1]) - 1)
    below = int(place)
    low, high = np.searchsorted(reached, [below + 1, min(below + 2, int(reached[-1]))])
    return float(low + (high - low) * (place - below))


def optical_density(rgb: Rgb, white: Floats) -> Floats:
    """Natural-log optical density of each channel: (H, W, 3) float32, 0 where light passes.

    Source: Beer-Lambert law; Ruifrok and Johnston, Anal Quant Cytol Histol 23 (2001).
    """
    # A table of 256 entries per channel replaces a logarithm per pixel.
    levels = np.log((np.arange(256, dtype=np.float32) + 1)[:, None] / (white + 1))
    table = np.maximum(-levels, 0).astype(np.float32)
    return np.stack([table[:, c][rgb[..., c]] for c in range(3)], axis=-1)


def nucleus_signal(density: Floats) -> Floats:
    """How much a pixel looks like an azure-eosin stained nucleus: (H, W) float32, 0 upwards.

    Nuclei absorb green far more than blue. Red cells absorb both alike (pink smears) or red
    above green (grey-blue smears); the second term takes away the latter.
    """
    red, green, blue = density[..., 0], density[..., 1], density[..., 2]
    signal = green - blue - 0.7 * np.maximum(red - green, 0)
    positive: Floats = np.maximum(signal, 0)
    return positive
