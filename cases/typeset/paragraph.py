"""Text as ReportLab flows it: measured, broken into lines, parted over pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from cases.typeset.embedding import draw_line
from cases.typeset.faces import BOLD, REGULAR
from cases.typeset.lines import Line, set_lines

_LEADING, _ASCENT = 1.36, 1.06
_TALL = {"noto-Myanmar", "noto-Khmer", "noto-Telugu", "noto-Kannada", "noto-Malayalam", "noto-Lao"}
"""Scripts that stack letters below the line: they get a taller one, so no two lines touch."""
_TALL_LEADING = 1.8


@dataclass(frozen=True, slots=True)
class Style:
    """size in points. align: "left", "right", or "start", the side on which the words begin."""

    size: float
    colour: Color
    bold: bool = False
    align: str = "left"


def draw_words(canvas: Canvas, words: str, style: Style, at: float, baseline: float) -> None:
    """One line that begins at `at`, or ends there where the style is aligned to the right."""
    line = set_lines(words, weight=BOLD if style.bold else REGULAR, room=inf)[0]
    left = at - line.width * style.size if style.align == "right" else at
    canvas.setFillColor(style.colour)
    draw_line(canvas, line, left, baseline, style.size)


class ShapedText(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """Words in any script, as one block."""

    def __init__(self, words: str, style: Style, *, lines: Sequence[Line] | None = None) -> None:
        super().__init__()
        self.words, self.style = words, style
        self._lines = lines
        self._fixed = lines is not None

    def minWidth(self) -> float:
        """What a table column needs at least: any word can be cut, so hardly anything."""
        return 4 * self.style.size

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.width = available_width
        if not self._fixed:
            weight = BOLD if self.style.bold else REGULAR
            room = max(available_width / self.style.size, 1.0)
            self._lines = set_lines(self.words, weight=weight, room=room)
        self.height = sum(self._leading(line) for line in self._set)
        return available_width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        fitting, left = 0, available_height
        for line in self._set:
            left -= self._leading(line)
            if left < 0:
                break
            fitting += 1
        if not 0 < fitting < len(self._set):
            return [] if fitting == 0 else [self]
        parts = self._set[:fitting], self._set[fitting:]
        return [ShapedText(self.words, self.style, lines=part) for part in parts]

    def draw(self) -> None:
        self.canv.setFillColor(self.style.colour)
        top = self.height
        for line in self._set:
            room = self._leading(line)
            baseline = top - (room - _LEADING * self.style.size) / 3 - _ASCENT * self.style.size
            draw_line(self.canv, line, self._left(line), baseline, self.style.size)
            top -= room

    @property
    def _set(self) -> Sequence[Line]:
        return self._lines or ()

    def _left(self, line: Line) -> float:
        from_right = self.style.align == "right" or (
            self.style.align == "start" and line.is_right_to_left
        )
        return self.width - line.width * self.style.size if from_right else 0.0

    def _leading(self, line: Line) -> float:
        tall = any(run.face.name in _TALL for run in line.runs)
        return self.style.size * (_TALL_LEADING if tall else _LEADING)
