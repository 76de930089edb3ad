"""Which letters run from the right: the implicit part of the Unicode Bidirectional Algorithm.

Source: Unicode Standard Annex 9, rules P2, P3, W1 to W7, N1, N2, I1, I2, L2. Explicit embeddings
and isolates (X1 to X8) are not followed: a name must not be able to turn the words beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

_Piece = TypeVar("_Piece")
_NUMBERS = frozenset({"EN", "AN"})
_STRONG = frozenset({"L", "R"})


def base_level(text: str) -> int:
    """1 when the first letter of `text` runs from the right, else 0 (P2, P3)."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return int(first != "L")


def levels(text: str, base: int) -> list[int]:
    """The level of each character: even runs from the left, odd from the right."""
    edge = "R" if base else "L"
    kinds = _neutrals(_weak([unicodedata.bidirectional(one) for one in text], edge), edge)
    return [_implicit(kind, base) for kind in kinds]


def visual_order(pieces: Sequence[_Piece], level_of: Callable[[_Piece], int]) -> list[_Piece]:
    """`pieces` from left to right (L2)."""
    ordered = list(pieces)
    highest = max(map(level_of, pieces), default=0)
    for level in range(highest, 0, -1):
        turned: list[_Piece] = []
        for above, group in groupby(ordered, key=lambda piece: level_of(piece) >= level):
            run = list(group)
            turned += run[::-1] if above else run
        ordered = turned
    return ordered


def _weak(kinds: list[str], edge: str) -> list[str]:
    """W1 to W7: marks follow their letter, numbers their surroundings."""
    before, strong = edge, edge
    resolved: list[str] = []
    for kind in kinds:
        kind = before if kind == "NSM" else kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        if kind in ("L", "R", "AL"):
            strong = kind
        before = kind
        resolved.append("R" if kind == "AL" else kind)
    return _latin_numbers(_terminators(_separators(resolved)), edge)


def _separators(kinds: list[str]) -> list[str]:
    """W4: one sign between two numbers of a kind belongs to them."""
    for at in range(1, len(kinds) - 1):
        before, kind, after = kinds[at - 1 : at + 2]
        joins = kind == "CS" and before in _NUMBERS or kind == "ES" and before == "EN"
        if joins and before == after:
            kinds[at] = before
    return kinds


def _terminators(kinds: list[str]) -> list[str]:
    """W5, W6: signs beside a number belong to it; other such signs are neutral."""
    done: list[str] = []
    for kind, group in groupby(kinds):
        run = list(group)
        if kind == "ET":
            after = kinds[len(done) + len(run) : len(done) + len(run) + 1]
            beside = {*done[-1:], *after}
            run = ["EN" if "EN" in beside else "ON"] * len(run)
        done += run
    return ["ON" if kind in ("ES", "CS", "BN") else kind for kind in done]


def _latin_numbers(kinds: list[str], edge: str) -> list[str]:
    """W7: a number after Latin letters runs with them."""
    strong = edge
    for at, kind in enumerate(kinds):
        strong = kind if kind in _STRONG else strong
        if kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds


def _neutrals(kinds: list[str], edge: str) -> list[str]:
    """N1, N2: what has no direction takes that of both its neighbours, or of the paragraph."""
    done: list[str] = []
    for decided, group in groupby(kinds, key=lambda kind: kind in _STRONG | _NUMBERS):
        run = list(group)
        if not decided:
            before = _side(done[-1]) if done else edge
            after = kinds[len(done) + len(run) : len(done) + len(run) + 1]
            same = before == (_side(after[0]) if after else edge)
            run = [before if same else edge] * len(run)
        done += run
    return done


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _implicit(kind: str, base: int) -> int:
    """I1, I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)
