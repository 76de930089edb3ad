"""A rectangle of the slide on which layers are laid, in the order in which they are added."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inference.engine.synthetic.look import Look
from inference.engine.synthetic.platelets import Platelet, platelet_stamp
from inference.engine.synthetic.red_cells import RedCells, thickness
from inference.engine.synthetic.white_cells import Stamp, WhiteCell, stamp_of
from inference.engine.types import Box, Floats

_THICKEST = 2.2  # overlapping red cells flatten each other


class Canvas:
    """The world rectangle `box` (x, y, w, h).

    cells: (h, w) uint32, the id of the topmost white cell. nuclei: (h, w) bool.
    """

    def __init__(self, box: Box, look: Look) -> None:
        self.left, self.top, self.width, self.height = box
        self._look = look
        self._red = np.zeros((self.height, self.width), np.float32)
        self._dye = np.zeros((self.height, self.width, 3), np.float32)
        self.cells = np.zeros((self.height, self.width), np.uint32)
        self.nuclei = np.zeros((self.height, self.width), bool)

    def add_red_cells(self, reds: RedCells) -> None:
        """Lay down red cells; they shine through each other."""
        for x, y, radius, traits in zip(reds.x, reds.y, reds.radius, reds.traits, strict=True):
            left, top, layer = thickness(float(x), float(y), float(radius), traits)
            here, there = self._meeting(left, top, layer.shape[1], layer.shape[0])
            self._red[here] += layer[there]

    def add_white_cells(self, cells: Iterable[WhiteCell]) -> None:
        """Lay down white cells; each hides what lies beneath it."""
        for cell in cells:
            stamp = stamp_of(cell, self._look)
            here, there = self._lay(stamp)
            mine = stamp.opacity[there] > 0.42
            self.cells[here][mine] = cell.id
            self.nuclei[here][mine] = stamp.nucleus[there][mine]

    def add_platelets(self, platelets: Iterable[Platelet]) -> None:
        """Lay down platelets. They are no part of `cells`."""
        for platelet in platelets:
            self._lay(platelet_stamp(platelet, self._look))

    def density(self) -> Floats:
        """Optical density of everything laid down so far; (h, w, 3) float32."""
        red = np.minimum(self._red, _THICKEST)
        return np.asarray(self._dye + red[..., None] * self._look.red_cell, np.float32)

    def _lay(self, stamp: Stamp) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        rows, columns = stamp.opacity.shape
        here, there = self._meeting(stamp.left, stamp.top, columns, rows)
        opacity = stamp.opacity[there]
        self._red[here] *= 1.0 - opacity
        self._dye[here] += (stamp.density[there] - self._dye[here]) * opacity[..., None]
        return here, there

    def _meeting(
        self, left: int, top: int, width: int, height: int
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where a stamp meets this canvas: the slices here, and the slices of the stamp."""
        x0, x1 = max(left, self.left), min(left + width, self.left + self.width)
        y0, y1 = max(top, self.top), min(top + height, self.top + self.height)
        x1, y1 = max(x0, x1), max(y0, y1)
        if x0 == x1 or y0 == y1:
            return (slice(0), slice(0)), (slice(0), slice(0))
        here = slice(y0 - self.top, y1 - self.top), slice(x0 - self.left, x1 - self.left)
        return here, (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
