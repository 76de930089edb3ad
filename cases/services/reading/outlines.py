"""Outlines that people draw: polygons in pixels of a picture, without any picture library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

Outline = tuple[tuple[int, int], ...]
Box = tuple[int, int, int, int]

MOST_POINTS = 400
LARGEST_SIDE = 100_000
LEAST_AREA = 12
"""Square pixels. A smaller mark is a slip of the hand."""


def outline_of(asked: object) -> Outline | None:
    """The polygon of `[[x, y], ...]` in whole pixels, at least 0; None where it can be none."""
    if not isinstance(asked, Sequence) or isinstance(asked, str) or len(asked) > MOST_POINTS:
        return None
    points = [_point(one) for one in asked]
    if len(points) < 3 or None in points:
        return None
    return tuple(point for point in points if point is not None)


def inside(outline: Outline, width: int, height: int) -> Outline | None:
    """`outline` drawn back to the rim of its picture; None where too little of it is left."""
    kept = tuple((min(x, width - 1), min(y, height - 1)) for x, y in outline)
    return kept if area(kept) >= LEAST_AREA else None


def box_of(outline: Outline) -> Box:
    """x, y, width, height of the smallest box around it."""
    columns, rows = [x for x, _ in outline], [y for _, y in outline]
    left, top = min(columns), min(rows)
    return left, top, max(columns) - left + 1, max(rows) - top + 1


def area(outline: Outline) -> float:
    """Square pixels. Source: the shoelace formula, Meister (1769)."""
    closed = [*outline, outline[0]]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(closed))) / 2


def hull_of(points: Iterable[Sequence[int]]) -> Outline:
    """The convex hull. Source: Andrew, Another efficient algorithm for convex hulls (1979)."""
    ordered = sorted({(int(x), int(y)) for x, y in points})
    return (*_chain(ordered), *_chain(ordered[::-1]))


def _chain(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    chain: list[tuple[int, int]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _point(asked: object) -> tuple[int, int] | None:
    if not isinstance(asked, Sequence) or isinstance(asked, str) or len(asked) != 2:
        return None
    x, y = (_pixel(one) for one in asked)
    return None if x is None or y is None else (x, y)


def _pixel(asked: object) -> int | None:
    """A whole pixel; None for what is no number, and for places far outside any picture."""
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return None
    if not -LARGEST_SIDE <= asked <= LARGEST_SIDE:  # NaN fails it too
        return None
    return max(0, round(asked))
