"""Platelets: small, granular, violet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.engine.synthetic.chance import smooth_noise
from inference.engine.synthetic.look import Look
from inference.engine.synthetic.shapes import blob, cover, patch_around
from inference.engine.synthetic.white_cells import Stamp

SIZES = (0.12, 0.26)
"""Smallest and largest diameter over the nominal white cell's."""


@dataclass(frozen=True, slots=True)
class Platelet:
    """Place and radius in world pixels, and the seed of its details."""

    x: float
    y: float
    radius: float
    seed: tuple[int, ...]


def platelet_stamp(platelet: Platelet, look: Look) -> Stamp:
    """Draw one platelet."""
    rng = np.random.default_rng(platelet.seed)
    radius = platelet.radius
    patch = patch_around(platelet.x, platelet.y, radius * 1.5 + 1.0)
    shape = blob(rng, patch, (0.0, 0.0), radius, 0.09)
    middle = np.exp(-(((shape - radius) / (0.75 * radius)) ** 2))
    mottle = 0.25 * smooth_noise(rng, patch.size, max(1.2, 0.35 * radius))
    amount = rng.uniform(0.6, 1.0) * (0.45 + 0.65 * middle + mottle)
    density = np.maximum(amount, 0.05)[..., None] * look.platelet
    opacity = cover(shape, max(1.0, 0.5 * radius))
    return Stamp(
        patch.left, patch.top, density.astype(np.float32), opacity, np.zeros(shape.shape, bool)
    )
