"""A glyph as a filled shape, in the operators of a PDF's page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import uharfbuzz as hb

from cases.typeset.faces import Face
from cases.typeset.shaping import Run, font_of


def outline(run: Run, gid: int, left: float, baseline: float, size: float) -> str:
    """Fill glyph `gid` of the font of `run`, with its origin at (left, baseline), in points.

    Empty for a glyph without ink.
    """
    path = _path(run.face, run.weight, gid)
    scale = size / run.face.upem
    if not path:
        return ""
    place = f"q {scale:.6f} 0 0 {scale:.6f} {left:.3f} {baseline:.3f} cm"
    return f"/Artifact BMC {place} {path} f Q EMC"


@lru_cache(maxsize=512)
def _path(face: Face, weight: int, gid: int) -> str:
    pen = _Pen()
    font_of(face, weight).draw_glyph(gid, _functions(), pen)
    return " ".join(pen.steps)


class _Pen:
    """Collects path operators (ISO 32000-1, 8.5.2) in font units."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.at = (0.0, 0.0)

    def add(self, operator: str, *points: float) -> None:
        self.steps.append(" ".join([*(f"{point:.5g}" for point in points), operator]))
        if points:
            self.at = points[-2], points[-1]

    def bend(self, cx: float, cy: float, x: float, y: float) -> None:
        """A quadratic curve, raised to the cubic one that a PDF knows."""
        (left, bottom) = self.at
        first = left + 2 / 3 * (cx - left), bottom + 2 / 3 * (cy - bottom)
        second = x + 2 / 3 * (cx - x), y + 2 / 3 * (cy - y)
        self.add("c", *first, *second, x, y)


@lru_cache(maxsize=1)
def _functions() -> Any:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.add("m", x, y))
    functions.set_line_to_func(lambda x, y, pen: pen.add("l", x, y))
    functions.set_quadratic_to_func(lambda cx, cy, x, y, pen: pen.bend(cx, cy, x, y))
    functions.set_cubic_to_func(lambda a, b, c, d, x, y, pen: pen.add("c", a, b, c, d, x, y))
    functions.set_close_path_func(lambda pen: pen.add("h"))
    return functions
