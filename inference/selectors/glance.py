"""A model on one screen: five figures, the weakest first, and two curves as points to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.engine.card import Told
from inference.selectors.figures import share_of, split_by_groups, within, worst_group

PURPOSES: Mapping[str, str] = {
    "field": "Looks at the white cells of one smear field and suggests whether they are benign or "
    "leukaemic, and which subtype they look like. It decides nothing: a reader confirms or "
    "corrects every cell, counts, and signs.",
    "types": "Names single white cells for the differential. A reader confirms or renames each.",
    "segmentation": "Draws the outlines of white cells and of their nuclei. It names none.",
}
"""What a model of each kind is for."""
SENSITIVE = 0.99
"""The share of leukaemic fields that are to be found, where the price of it is told."""
FEW = 0.01
"""Bins with a smaller share of the fields are chance, and the line leaves them out."""

_LEFT, _TOP, _RIGHT, _BOTTOM = 40, 28, 268, 176
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of fields, 0 to 1, with its 95 % interval where the card has one.

    good: how near it is to the best that it could be, 0 to 1; the lowest is the weakest.
    """

    name: str
    value: float
    good: float
    words: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """Where one bin lies in the drawing, and its radius by how many fields it holds."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve in a drawing of 280 x 200. line: points of an SVG polyline. words: what it shows."""

    title: str
    across: str
    up: str
    line: str
    words: str
    dots: list[Dot]


def purpose_of(told: Told) -> str:
    """What such a model is for, in a reader's words; "" for a kind that is unknown."""
    return told.purpose or PURPOSES.get(told.kind, "")


def five_figures(told: Told) -> list[Figure]:
    """Of smears that the model never saw, the weakest first; fewer where the card lacks some."""
    return sorted(_figures(told), key=lambda figure: figure.good)


def two_curves(told: Told) -> list[Curve]:
    """Whether its probabilities are true, and what finding leukaemia costs; [] without curves."""
    curves = within(split_by_groups(told), "curves")
    roc = within(within(curves, "roc"), "Benign")
    drawn = (_reliability(within(curves, "reliability")), _leukaemic_or_benign(roc))
    return [curve for curve in drawn if curve]


def _figures(told: Told) -> Iterator[Figure]:
    split = split_by_groups(told)
    weakest, group = worst_group(split)
    if weakest is not None:
        yield Figure("Right, on its worst smear", weakest, weakest, f"smear group {group}")
    overall = within(within(split, "metrics"), "overall")
    for name, key, is_bad, words in _NAMES:
        interval = within(overall, key)
        value = share_of(interval, "value")
        value = share_of(within(split, "all"), key) if value is None else value
        if value is not None:
            low, high = share_of(interval, "low"), share_of(interval, "high")
            yield Figure(name, value, 1 - value if is_bad else value, words, low, high)


_NAMES = (
    ("Benign called benign", "malignant_specificity", False, "the rest are false alarms"),
    ("Right, of all fields", "accuracy", False, "the most probable class"),
    ("Decided, and wrong", "decided_wrong", True, "the rest are right or “unsure”"),
    ("Leukaemic called benign", "malignant_decided_benign", True, "decided, and missed"),
)


def _reliability(values: Mapping[str, Any]) -> Curve | None:
    said, right, share = (_numbers(values, key) for key in ("confidence", "accuracy", "share"))
    if not said or not len(said) == len(right) == len(share):
        return None
    places = [_place(point) for point in zip(said, right, strict=True)]
    return Curve(
        "Is its probability true?",
        "what it says",
        "how often it is right",
        _line([place for place, part in zip(places, share, strict=True) if part >= FEW]),
        f"Where it says {said[-1]:.0%} it is right in {right[-1]:.0%}; {share[-1]:.0%} of the "
        "fields are there. True would be the dotted line; points off the line hold under 1%.",
        [Dot(x, y, 2 + 6 * part**0.5) for (x, y), part in zip(places, share, strict=True)],
    )


def _leukaemic_or_benign(roc: Mapping[str, Any]) -> Curve | None:
    """Turned around: the card follows benign fields, a reader asks for leukaemic ones."""
    missed, spared = _numbers(roc, "false_positive_rate"), _numbers(roc, "sensitivity")
    if not missed or len(missed) != len(spared):
        return None
    points = sorted((1 - kept, 1 - lost) for lost, kept in zip(missed, spared, strict=True))
    price = min(alarms for alarms, found in points if found >= SENSITIVE)
    return Curve(
        "What does finding leukaemia cost?",
        "benign called leukaemic",
        "leukaemic found",
        _line(map(_place, points)),
        f"To find {SENSITIVE:.0%} of leukaemic fields, {price:.0%} of benign ones are called "
        "leukaemic. Chance lies on the dotted line.",
        [],
    )


def _numbers(values: Mapping[str, Any], key: str) -> Sequence[float]:
    found = values.get(key)
    return [float(one) for one in found] if isinstance(found, list) else []


def _place(point: Point) -> Point:
    """Shares 0 to 1 as a place in the drawing."""
    x, y = point
    return _LEFT + x * (_RIGHT - _LEFT), _BOTTOM - y * (_BOTTOM - _TOP)


def _line(points: Iterator[Point] | Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
