"""How the fields are divided for judging: by appearance group, by fold, at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.lab.data.manifest import Entry
from inference.lab.data.order import natural

Indices = NDArray[np.intp]
Entries = Sequence[Entry]


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One turn: trained on `train`, judged on `test` (positions in the manifest)."""

    name: str
    train: Indices
    test: Indices


def by_appearance_group(entries: Entries) -> Iterator[Round]:
    """Each appearance group its turn: the best proxy for "a smear never seen"."""
    groups = np.array([entry.appearance_group for entry in entries])
    for group in sorted(set(groups), key=natural):
        yield _round(f"group {group}", groups == group)


def by_appearance_round(entries: Entries) -> Iterator[Round]:
    """One whole group of each class at a time: harder than one group alone, and fewer rounds.

    No class keeps all its groups, so a model cannot win by ruling the others out.
    """
    by_class: dict[str, list[str]] = {}
    for entry in entries:
        known = by_class.setdefault(entry.label, [])
        if entry.appearance_group not in known:
            known.append(entry.appearance_group)
    for names in by_class.values():
        names.sort(key=natural)
    for turn in range(max(map(len, by_class.values()))):
        out = {names[turn] for names in by_class.values() if turn < len(names)}
        yield _round(
            f"groups {'+'.join(sorted(out, key=natural))}",
            np.array([entry.appearance_group in out for entry in entries]),
        )


def by_fold(entries: Entries) -> Iterator[Round]:
    """The manifest's five contiguous folds; overlapping fields are never divided."""
    folds = np.array([entry.fold for entry in entries])
    for fold in sorted(set(folds.tolist())):
        yield _round(f"fold {fold}", folds == fold)


def at_random(entries: Entries) -> Iterator[Round]:
    """Five plain random fifths, as the papers do it: sister fields are on both sides.

    All five, because one alone moves by half a point with the luck of its draw.
    """
    order = np.random.default_rng(20).permutation(len(entries))
    cuts = [len(entries) * part // 5 for part in range(6)]
    for number, (start, stop) in enumerate(zip(cuts, cuts[1:], strict=False)):
        test = np.zeros(len(entries), bool)
        test[order[start:stop]] = True
        yield _round(f"random fifth {number + 1}", test)


SPLITS: Mapping[str, Callable[[Entries], Iterator[Round]]] = {
    "appearance_group": by_appearance_group,
    "appearance_round": by_appearance_round,
    "fold": by_fold,
    "random": at_random,
}


def _round(name: str, test: NDArray[np.bool_]) -> Round:
    return Round(name, np.flatnonzero(~test), np.flatnonzero(test))
