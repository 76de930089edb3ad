"""The few figures of a card that tell models apart at a glance, the weak beside the strong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    splits = {str(entry.get("split")): entry for entry in _entries(model.card)}
    at_random = _share(_mapping(splits.get("random", {}), "all"), "accuracy")
    chosen = next((splits[name] for name in BY_GROUPS if name in splits), {})
    overall = _mapping(chosen, "all")
    weakest, group = min(_groups(chosen), default=(None, ""))
    return KeyFigures(
        decided=_share(overall, "decided"),
        decided_wrong=_share(overall, "decided_wrong"),
        accuracy=_share(overall, "accuracy"),
        weakest=weakest,
        weakest_group=group,
        accuracy_at_random=at_random,
    )


def in_order(names: Iterable[str]) -> list[str]:
    """Names of figures as people read them: those of `ORDER` first, the rest as they come."""
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(names, key=lambda name: place.get(name, len(ORDER)))


def _entries(card: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    entries = card.get("figures")
    yield from (one for one in entries if isinstance(one, Mapping)) if entries else ()


def _groups(entry: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    for name, figures in _mapping(entry, "groups").items():
        accuracy = _share(figures, "accuracy") if isinstance(figures, Mapping) else None
        if accuracy is not None and figures.get("fields", 0) >= FEWEST_FIELDS:
            yield accuracy, name


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = values.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _share(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None
