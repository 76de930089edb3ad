"""The few figures of a card that tell models apart at a glance, the weak beside the strong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inference.engine.card import Told
from inference.models import ModelVersion

BY_GROUPS = ("appearance_group", "appearance_round")
"""Splits that leave whole appearance groups out, the hardest first."""
FEWEST_FIELDS = 30
"""The weakest group is looked for among groups of at least so many fields; fewer are chance."""
ORDER = (
    "fields",
    "accuracy",
    "decided",
    "decided_wrong",
    "malignant_decided_benign",
    "insufficient",
    "accuracy_of_decided",
)
"""In which figures are read; the database keeps no order of its own."""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Shares of fields, 0 to 1, None where the card lacks one. Strong is the random split."""

    decided: float | None = None
    decided_wrong: float | None = None
    accuracy: float | None = None
    weakest: float | None = None
    weakest_group: str = ""
    accuracy_at_random: float | None = None


def key_figures(model: ModelVersion) -> KeyFigures:
    """By appearance groups, with the group on which the model is weakest, and at random."""
    at_random = share_of(within(_splits(model.told).get("random", {}), "all"), "accuracy")
    chosen = split_by_groups(model.told)
    overall = within(chosen, "all")
    weakest, group = worst_group(chosen)
    return KeyFigures(
        decided=share_of(overall, "decided"),
        decided_wrong=share_of(overall, "decided_wrong"),
        accuracy=share_of(overall, "accuracy"),
        weakest=weakest,
        weakest_group=group,
        accuracy_at_random=at_random,
    )


def split_by_groups(told: Told) -> Mapping[str, Any]:
    """What the card says of smears that the model never saw; {} when it says nothing."""
    splits = _splits(told)
    return next((splits[name] for name in BY_GROUPS if name in splits), {})


def worst_group(split: Mapping[str, Any]) -> tuple[float | None, str]:
    """The lowest accuracy of a group with enough fields, and whose it is; (None, "") of none."""
    return min(_groups(split), default=(None, ""))


def in_order(names: Iterable[str]) -> list[str]:
    """Names of figures as people read them: those of `ORDER` first, the rest as they come."""
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(names, key=lambda name: place.get(name, len(ORDER)))


def within(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The part of a card called `name`; {} where there is none."""
    inner = values.get(name)
    return inner if isinstance(inner, Mapping) else {}


def share_of(values: Mapping[str, Any], name: str) -> float | None:
    """The number called `name`; None where there is none."""
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None


def _splits(told: Told) -> dict[str, Mapping[str, Any]]:
    return {str(one.get("split")): one for one in told.figures}


def _groups(entry: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    for name, figures in within(entry, "groups").items():
        accuracy = share_of(figures, "accuracy") if isinstance(figures, Mapping) else None
        if accuracy is not None and figures.get("fields", 0) >= FEWEST_FIELDS:
            yield accuracy, name
