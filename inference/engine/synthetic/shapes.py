"""Outlines as distance fields: positive inside, zero at the edge, negative outside; in pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.engine.types import Floats

_ANGLES = np.linspace(-np.pi, np.pi, 181)


@dataclass(frozen=True, slots=True)
class Patch:
    """The square of world pixels around a cell: `left`, `top` its corner; x, y from the centre."""

    left: int
    top: int
    x: Floats
    y: Floats

    @property
    def size(self) -> int:
        """Side of the square."""
        return int(self.x.shape[1])


def patch_around(x: float, y: float, reach: float) -> Patch:
    """The pixels within `reach` of (x, y). x: (1, n) and y: (n, 1) float32, broadcasting."""
    half = int(np.ceil(reach)) + 1
    left, top = int(np.floor(x)) - half, int(np.floor(y)) - half
    steps = np.arange(2 * half + 1)
    across = (left + steps - x).astype(np.float32)[None, :]
    down = (top + steps - y).astype(np.float32)[:, None]
    return Patch(left, top, across, down)


def blob(
    rng: np.random.Generator, patch: Patch, centre: tuple[float, float], radius: float,
    irregular: float,
) -> Floats:  # fmt: skip
    """A round shape with a wavy edge; `irregular` is the waviness as a share of the radius."""
    x, y = patch.x - np.float32(centre[0]), patch.y - np.float32(centre[1])
    waves = rng.normal(0.0, irregular, 5) / np.array([1.0, 1.3, 1.8, 2.4, 3.0])
    phases = rng.uniform(0.0, 2 * np.pi, 5)
    orders = np.arange(2, 7)
    edge = radius * (1.0 + (waves * np.cos(np.outer(_ANGLES, orders) + phases)).sum(axis=1))
    reach = np.interp(np.arctan2(y, x), _ANGLES, edge)
    return np.asarray(reach - np.hypot(x, y), np.float32)


def disc(patch: Patch, centre: tuple[float, float], radius: float) -> Floats:
    """A circle."""
    x, y = patch.x - np.float32(centre[0]), patch.y - np.float32(centre[1])
    return np.asarray(radius - np.hypot(x, y), np.float32)


def rod(patch: Patch, start: tuple[float, float], end: tuple[float, float], half: float) -> Floats:
    """A line of half-width `half` with round ends."""
    x, y = patch.x - np.float32(start[0]), patch.y - np.float32(start[1])
    along = (end[0] - start[0], end[1] - start[1])
    length2 = max(along[0] ** 2 + along[1] ** 2, 1e-6)
    share = np.clip((x * along[0] + y * along[1]) / length2, 0.0, 1.0)
    return np.asarray(half - np.hypot(x - share * along[0], y - share * along[1]), np.float32)


def cover(distance: Floats, softness: float = 1.0) -> Floats:
    """Opacity 0..1 of a shape whose edge is `softness` pixels wide."""
    return np.asarray(np.clip(distance / softness + 0.5, 0.0, 1.0), np.float32)
