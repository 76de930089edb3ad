"""Where a line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cases.typeset import bidi
from cases.typeset.shaping import Run, readable, shape

_CJK = "\u2e80-\u2fff\u3040-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CLOSING = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\uff09\u300d\u300f\u3011"
_ATOMS = re.compile(f"[{_CJK}][{_CLOSING}]*\\s*|[^\\s{_CJK}]+[{_CLOSING}]*\\s*|\\s+")
"""What is not parted: a word with the space after it, or one Chinese or Japanese character."""


@dataclass(frozen=True, slots=True)
class Line:
    """Runs from left to right. width in ems, without the space at the end."""

    runs: Sequence[Run]
    width: float
    is_right_to_left: bool


@dataclass(frozen=True, slots=True)
class _Atom:
    """One piece of a paragraph; `space`: the width of the blanks that it ends with, in ems."""

    runs: Sequence[Run]
    width: float
    space: float


def set_lines(text: str, *, weight: int, room: float) -> list[Line]:
    """`text` in lines of at most `room` ems; each line break in it begins a new paragraph."""
    return [
        line
        for paragraph in readable(text).split("\n")
        for line in _paragraph(paragraph.rstrip(), weight, room)
    ]


def _paragraph(text: str, weight: int, room: float) -> Iterator[Line]:
    base = bidi.base_level(text)
    levels = bidi.levels(text, base)
    line: list[_Atom] = []
    width = 0.0
    for atom in _atoms(text, levels, weight, room):
        if line and width + atom.width - atom.space > room:
            yield _line(line, base)
            line, width = [], 0.0
        line.append(atom)
        width += atom.width
    yield _line(line, base)


def _atoms(text: str, levels: Sequence[int], weight: int, room: float) -> Iterator[_Atom]:
    for match in _ATOMS.finditer(text):
        start, end = match.span()
        yield from _fitting(text, start, end, levels, weight, room)


def _fitting(
    text: str, start: int, end: int, levels: Sequence[int], weight: int, room: float
) -> Iterator[_Atom]:
    """The piece from `start` to `end`; cut between clusters where it is wider than a line."""
    atom = _atom(text, start, end, levels, weight)
    while atom.width - atom.space > room:
        cut = _last_fitting(atom, room)
        if not cut:
            break
        yield _atom(text, start, start + cut, levels, weight)
        start += cut
        atom = _atom(text, start, end, levels, weight)
    yield atom


def _last_fitting(atom: _Atom, room: float) -> int:
    """Where the last cluster begins that no longer fits; 0 when not even one does."""
    width: dict[int, float] = {}
    for run in atom.runs:
        for glyph in run.glyphs:
            width[glyph.start] = width.get(glyph.start, 0.0) + glyph.advance
    taken = 0.0
    for start in sorted(width):
        taken += width[start]
        if taken > room:
            return start
    return 0


def _atom(text: str, start: int, end: int, levels: Sequence[int], weight: int) -> _Atom:
    piece = text[start:end]
    runs = shape(piece.replace("\t", " "), levels[start:end], weight=weight, around=text)
    visible = len(piece.rstrip())
    blank = sum(g.advance for run in runs for g in run.glyphs if g.start >= visible)
    return _Atom(runs, sum(run.width for run in runs), blank)


def _line(atoms: Sequence[_Atom], base: int) -> Line:
    runs = [run for atom in atoms for run in atom.runs]
    width = sum(atom.width for atom in atoms) - (atoms[-1].space if atoms else 0)
    return Line(bidi.visual_order(runs, lambda run: run.level), width, bool(base))
