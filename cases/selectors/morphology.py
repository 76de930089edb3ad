"""What was measured of a cell, in a morphologist's words, held against the cells beside it.

The model packages ship no distribution of healthy cells, so none is invented: a measure is compared
with the whole cells of the same picture, which share smear, stain, light and camera.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, NamedTuple

LEAST_CELLS = 8
"""Fewer cells beside it make no range."""
Kept = Mapping[str, Mapping[str, Any]]
_TOO_SMALL = "too few pixels"


class _Words(NamedTuple):
    """How a measure is shown. scale: its value times this. low, high: what a small or large one
    is called."""

    label: str
    unit: str
    scale: float
    places: int
    low: str
    high: str


WORDS: Mapping[str, _Words] = {
    "diameter": _Words("Diameter", "µm", 1, 1, "small", "large"),
    "nucleus_share": _Words("Nucleus to cell (N:C)", "%", 100, 0, "N:C low", "N:C high"),
    "nucleus_circularity": _Words(
        "Roundness of the nucleus", "%", 100, 0, "nucleus irregular", "nucleus round"
    ),
    "nucleus_solidity": _Words(
        "Nucleus without notches", "%", 100, 0, "nucleus notched", "nucleus smooth"
    ),
    "nucleus_density": _Words(
        "Optical density of the nucleus", "", 1, 2, "nucleus pale", "nucleus dark"
    ),
    "chromatin_homogeneity": _Words(
        "Evenness of the chromatin", "%", 100, 0, "chromatin coarse", "chromatin even"
    ),
}
RELATIVE = _Words("Diameter", "× the middle cell", 1, 1, "small", "large")
"""Where the picture's scale is unknown, a length says nothing but how it compares."""


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure for people. value: in words. unit: "" for counts and densities.

    usual: the middle half of the whole cells of the same picture, "" where there are too few.
    word: what the measure is called where it lies outside of that, else "".
    """

    label: str
    value: str
    unit: str = ""
    usual: str = ""
    word: str = ""


def measures_of(kept: Kept, beside: Sequence[Kept]) -> list[MeasureView]:
    """What was measured of a cell. beside: the measures of the whole cells of its picture."""
    shown = [
        view
        for name, words in WORDS.items()
        if name in kept and (view := _measure(name, words, kept[name], beside))
    ]
    return [*shown, *_counts(kept)]


def in_words(measures: Iterable[MeasureView], beside: Sequence[Kept]) -> str:
    """The cell in one sentence, "" where there is nothing to hold it against."""
    if len(beside) < LEAST_CELLS:
        return ""
    words = [measure.word for measure in measures if measure.word]
    if not words:
        return "Among the cells of this picture nothing measured of it stands out."
    return f"Beside the other cells of this picture: {', '.join(words)}."


def _measure(
    name: str, words: _Words, one: Mapping[str, Any], beside: Sequence[Kept]
) -> MeasureView | None:
    """None for a length in pixels without any other to compare it with."""
    value = float(one["value"])
    others = [float(kept[name]["value"]) for kept in beside if name in kept]
    enough = len(others) >= LEAST_CELLS
    if one["unit"] == "px":
        if not enough or not median(others):
            return None
        middle = median(others)
        words, value, others = RELATIVE, value / middle, [other / middle for other in others]
    low, _, high = quantiles(others, n=4, method="inclusive") if enough else (value, value, value)
    word = words.low if value < low else words.high if value > high else ""
    usual = f"{_number(low, words)} to {_number(high, words)}" if enough else ""
    return MeasureView(words.label, _number(value, words), words.unit, usual, word)


def _number(value: float, words: _Words) -> str:
    return f"{value * words.scale:.{words.places}f}"


def _counts(kept: Kept) -> Iterable[MeasureView]:
    pieces = _whole(kept, "nucleus_pieces")
    if pieces and pieces > 1:
        yield MeasureView("Pieces of the nucleus", str(pieces), word=f"nucleus in {pieces} pieces")
    if "nucleoli" in kept:
        yield MeasureView("Nucleoli (uncertain)", str(_whole(kept, "nucleoli")))
    elif "nucleus_area" in kept:  # only a measured nucleus can have been too small for them
        yield MeasureView("Nucleoli (uncertain)", _TOO_SMALL)


def _whole(kept: Kept, name: str) -> int | None:
    return round(float(kept[name]["value"])) if name in kept else None
