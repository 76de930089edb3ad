"""How far would the figures move with other smears? Whole groups are drawn again, never fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]
"""(n,) how often each field counts in one draw."""
Values = Mapping[str, float]
LEVEL = 0.95
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the range of its draws; None where it is not defined or cannot vary."""

    value: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """For JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


def intervals(
    measure: Callable[[Weights], Values],
    groups: NDArray[np.generic],
    strata: NDArray[np.generic],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every figure that `measure` gives, with its percentile interval at `LEVEL`.

    measure: weights -> named figures, NaN where one is not defined. groups, strata: (n,), of each
    field. Groups are drawn with replacement within the stratum that most of their fields have, so
    that no draw lacks a class. Where no stratum has two groups nothing can vary: no interval.
    Source: Field and Welsh, Bootstrapping clustered data, J. R. Statist. Soc. B 69 (2007);
    Davison and Hinkley, Bootstrap Methods and their Application (1997), section 5.3.
    """
    point = measure(np.ones(len(groups)))
    name, position = np.unique(groups, return_inverse=True)
    members = _strata_of_groups(position, strata, len(name))
    if max(map(len, members), default=0) < 2:
        return {key: Interval(_known(value), None, None) for key, value in point.items()}
    drawn = [measure(weight[position]) for weight in _draws(members, len(name), draws, seed)]
    return {key: _interval(value, [one[key] for one in drawn]) for key, value in point.items()}


def _strata_of_groups(
    position: NDArray[np.intp], strata: NDArray[np.generic], count: int
) -> list[NDArray[np.intp]]:
    """The groups of each stratum."""
    _, stratum = np.unique(strata, return_inverse=True)
    table = np.zeros((count, int(stratum.max(initial=0)) + 1), np.int64)
    np.add.at(table, (position, stratum), 1)
    usual = table.argmax(axis=1)
    return [np.flatnonzero(usual == one) for one in np.unique(usual)]


def _draws(members: list[NDArray[np.intp]], count: int, draws: int, seed: int) -> Iterator[Weights]:
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        chosen = np.concatenate([rng.choice(part, len(part)) for part in members])
        yield np.bincount(chosen, minlength=count).astype(np.float64)


def _interval(value: float, drawn: list[float]) -> Interval:
    known = [one for one in drawn if np.isfinite(one)]
    if not known:
        return Interval(_known(value), None, None)
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    low, high = (round(float(one), 4) for one in np.quantile(known, edges))
    return Interval(_known(value), low, high)


def _known(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
