"""Red cells give way to white cells, as they do when a smear dries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.engine.synthetic.red_cells import RedCells
from inference.engine.synthetic.white_cells import WhiteCell

_SWALLOWED = 0.55  # of the white cell's radius: nearer than this a red cell is not there at all
_KEPT_APART = 0.80  # of the red cell's radius, beyond the white cell's edge


def settled(reds: RedCells, whites: Sequence[WhiteCell]) -> RedCells:
    """`reds` moved off the `whites`, or left out; none moves by more than 0.8 nominal diameters.

    One white cell at a time, in the given order: a red cell meets few, and only those near it
    matter, so the outcome does not depend on white cells far away.
    """
    x, y, kept = reds.x.copy(), reds.y.copy(), np.ones(reds.x.size, bool)
    for white in whites:
        dx, dy = reds.x - white.x, reds.y - white.y
        distance = np.hypot(dx, dy)
        wanted = white.radius * 0.95 + _KEPT_APART * reds.radius
        pushed = distance < wanted
        kept &= distance >= _SWALLOWED * white.radius
        grow = np.where(pushed, wanted / np.maximum(distance, 1e-6) - 1.0, 0.0)
        x += dx * grow
        y += dy * grow
    return RedCells(x, y, reds.radius, reds.traits).chosen(kept)
