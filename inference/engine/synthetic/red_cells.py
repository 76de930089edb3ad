"""Red cells: thickness of haemoglobin over the plane. Thicknesses of overlapping cells add up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.synthetic.shapes import cover, patch_around
from inference.engine.types import Floats

DIAMETER = 0.62
"""Of a red cell (7.4 um) over the nominal white cell's (12 um)."""
TRAITS = 6
"""How many numbers in [0, 1) decide the shape of one red cell."""
_HALO = 1.2  # of the radius: beyond, a red cell leaves no trace


@dataclass(frozen=True, slots=True)
class RedCells:
    """x, y: (n,) centres in world pixels. radius: (n,). traits: (n, TRAITS) numbers in [0, 1)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius: NDArray[np.float64]
    traits: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_]) -> RedCells:
        """Those where `which` is true."""
        return RedCells(self.x[which], self.y[which], self.radius[which], self.traits[which])


@dataclass(frozen=True, slots=True)
class _Shape:
    """length: along over across. pallor, pallor_width: depth and extent of the pale centre."""

    share: float
    length: float
    pallor: float
    pallor_width: float
    waves: int = 3
    wave_height: float = 0.025
    target: float = 0.0


_SHAPES = (
    _Shape(0.72, 1.06, 0.68, 0.52),  # discocyte
    _Shape(0.10, 1.28, 0.45, 0.45),  # ovalocyte
    _Shape(0.06, 1.04, 0.15, 0.45, waves=9, wave_height=0.045),  # echinocyte
    _Shape(0.06, 1.02, 0.02, 0.40),  # spherocyte
    _Shape(0.04, 1.05, 0.75, 0.55, target=0.8),  # target cell
    _Shape(0.02, 1.35, 0.35, 0.40, waves=1, wave_height=0.16),  # teardrop
)
_SHARES = np.cumsum([shape.share for shape in _SHAPES])


def thickness(x: float, y: float, radius: float, traits: Floats) -> tuple[int, int, Floats]:
    """One red cell as (left, top, (n, n) float32); about 1 at the rim, less in the middle.

    Just outside the edge it is slightly negative: the bright line that refraction draws there.
    """
    which, angle, length, pallor, wide, phase = (float(trait) for trait in traits)
    shape = _SHAPES[min(int(np.searchsorted(_SHARES, which, side="right")), len(_SHAPES) - 1)]
    stretch = math.sqrt(1.0 + (shape.length - 1.0) * 2.0 * length)
    patch = patch_around(x, y, radius * _HALO * stretch * (1.0 + 1.6 * shape.wave_height))
    cos, sin = math.cos(2 * math.pi * angle), math.sin(2 * math.pi * angle)
    along = np.asarray((cos * patch.x + sin * patch.y) / stretch, np.float32)
    across = np.asarray((cos * patch.y - sin * patch.x) * stretch, np.float32)
    far = np.asarray(np.hypot(along, across) / radius, np.float32)
    far *= 1.0 + np.float32(shape.wave_height) * _ripple(shape.waves, along, across, phase)
    return patch.left, patch.top, _profile(far, radius, shape, pallor, wide)


def _ripple(waves: int, along: Floats, across: Floats, phase: float) -> Floats:
    """Two waves around the edge, so that no cell looks turned on a lathe."""
    turn, start = np.arctan2(across, along), np.float32(2 * np.pi * phase)
    return np.asarray(
        np.cos(waves * turn + start) + 0.6 * np.cos((waves + 2) * turn - 3 * start), np.float32
    )


def _profile(far: Floats, radius: float, shape: _Shape, pallor: float, wide: float) -> Floats:
    depth = np.float32(shape.pallor * (0.55 + 0.75 * pallor))
    width = np.float32(shape.pallor_width * (0.75 + 0.5 * wide))
    squared = (far / width) ** 2
    body = 0.92 - depth * np.exp(-squared * np.sqrt(squared))
    body += 0.16 * np.exp(-(((far - 0.90) / 0.09) ** 2))
    body += np.float32(shape.target) * np.exp(-((far / 0.2) ** 2))
    halo = 0.10 * np.exp(-(((far - 1.09) / 0.055) ** 2))
    edge = cover((1.0 - far) * np.float32(radius), max(1.0, 0.09 * radius))
    return np.asarray(body * edge - halo * (1.0 - edge), np.float32)
