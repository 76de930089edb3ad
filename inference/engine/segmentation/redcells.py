"""The colour of this picture's red cells, so that they are not taken for cytoplasm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.engine.types import Floats, Mask

ENOUGH = 400
"""Fewer red-cell pixels than this say nothing about their colour."""


@dataclass(frozen=True, slots=True)
class RedCells:
    """A normal distribution of chroma: mean (2,), inverse covariance (2, 2)."""

    mean: Floats
    precision: Floats

    def like(self, density: Floats, *, within: float = 2.5) -> Mask:
        """Where the colour is that of a red cell: (H, W) bool; `within` standard deviations."""
        away = _chroma(density) - self.mean
        squared = np.einsum("...i,ij,...j->...", away, self.precision, away)
        return np.asarray(squared < within**2)


def _chroma(density: Floats) -> Floats:
    """Stain colour without its amount: (H, W, 2) ratios of density differences to the sum."""
    red, green, blue = density[..., 0], density[..., 1], density[..., 2]
    total = red + green + blue + 0.05
    return np.stack([(green - blue) / total, (red - green) / total], axis=-1)


def learn_red_cells(density: Floats, stained: Mask) -> RedCells | None:
    """Red cells are what is `stained` ((H, W) bool, nuclei and surroundings left out).

    None where the picture shows too few of them.
    """
    chroma = _chroma(density)[stained]
    if len(chroma) < max(ENOUGH, 0.04 * stained.size):
        return None
    mean = np.median(chroma, axis=0)
    away = chroma - mean
    # Platelets and stain dirt are among the stained pixels; the nearer 80 % are red cells.
    central = away[np.linalg.norm(away, axis=1) <= np.percentile(np.linalg.norm(away, axis=1), 80)]
    spread = np.cov(central.T) + np.eye(2) * 0.01**2
    return RedCells(mean.astype(np.float32), np.linalg.inv(spread).astype(np.float32))
