"""Two models beside each other: what their cards say, and what both said of the same images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from inference.choices import RunStatus
from inference.models import AnalysisRun, ModelVersion
from inference.selectors.figures import in_order

LESS_IS_BETTER = ("decided_wrong", "malignant_decided_benign", "ece", "count_error")
MORE_IS_BETTER = (
    "accuracy",
    "decided",
    "dice",
    "iou",
    "f1",
    "macro_f1",
    "detection",
    "label_kept",
    "painted_out_is_insufficient",
)
"""How the names of figures begin. Of others, such as what the background alone gives away, a card
does not say whether more is good.
"""
_IN_DETAIL = frozenset({"split", "command", "rounds", "groups", "confusion"})
"""Of a card's figures: shown on the card itself."""

Decisions = Counter[tuple[str, str]]
"""How often the first model said one thing and the second another of the same image."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of both cards. `verdict` tells the second from the first, in a word."""

    split: str
    name: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """Second minus first; None where one card lacks the figure."""
        if self.first is None or self.second is None:
            return None
        return round(self.second - self.first, 6)

    @property
    def verdict(self) -> str:
        """better, worse, higher, lower, same, or which card lacks it."""
        change = self.difference
        if change is None:
            return "only the first" if self.second is None else "only the second"
        if change == 0:
            return "same"
        if self.name.startswith(LESS_IS_BETTER):
            return "better" if change < 0 else "worse"
        if self.name.startswith(MORE_IS_BETTER):
            return "better" if change > 0 else "worse"
        return "higher" if change > 0 else "lower"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two models decided on the same images. A decision is a class, unsure or insufficient.

    changes: (first's decision, second's, images) where they differ, the most frequent first.
    since: when the first of these images was analysed, None where no site's images are meant.
    """

    images: int
    same: int
    changes: list[tuple[str, str, int]]
    since: datetime | None = None

    @property
    def differ(self) -> int:
        """Images on which the two decided differently."""
        return self.images - self.same

    @property
    def share(self) -> float | None:
        """Share of images with the same decision, 0 to 1; None without any image."""
        return self.same / self.images if self.images else None


def figure_rows(first: ModelVersion, second: ModelVersion) -> list[FigureRow]:
    """The figures of both cards, aligned by split and name, in the order of the first card."""
    ours, theirs = _figures(first), _figures(second)
    return [
        FigureRow(split, name, ours.get((split, name)), theirs.get((split, name)))
        for split, name in {**ours, **theirs}
    ]


def agreement_of(decisions: Decisions, since: datetime | None = None) -> Agreement:
    """Count what two models said of the same images."""
    same = sum(images for (one, other), images in decisions.items() if one == other)
    changes = [
        (one, other, images) for (one, other), images in decisions.most_common() if one != other
    ]
    return Agreement(decisions.total(), same, changes, since)


def shadow_agreement(first: ModelVersion, second: ModelVersion) -> Agreement:
    """What both said of this site's images while one ran in the shadow of the other. Two queries.

    Only administrators of the site may see it.
    """
    forward, since = _shadowed(first, by=second)
    backward, also_since = _shadowed(second, by=first)
    turned = Counter({(mine, other): n for (other, mine), n in backward.items()})
    begins = [moment for moment in (since, also_since) if moment]
    return agreement_of(forward + turned, min(begins, default=None))


def _shadowed(active: ModelVersion, *, by: ModelVersion) -> tuple[Decisions, datetime | None]:
    rows = (
        AnalysisRun.with_shadows.filter(
            is_shadow=True,
            status=RunStatus.SUCCEEDED,
            model_version=by,
            shadow_of__model_version=active,
        )
        .values_list("shadow_of__result__decision", "result__decision")
        .annotate(images=Count("pk"), since=Min("created_at"))
    )
    found: Decisions = Counter()
    begins = []
    for mine, theirs, images, since in rows:
        found[(mine, theirs)] += images
        begins.append(since)
    return found, min(begins, default=None)


def _figures(model: ModelVersion) -> dict[tuple[str, str], float]:
    return {
        (str(entry.get("split", "")), name): value
        for entry in model.told.figures
        for name, value in _numbers(entry)
    }


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name in in_order(values):
        value = values[name]
        if name in _IN_DETAIL:
            continue
        if isinstance(value, Mapping):
            yield from _numbers(value, prefix if name == "all" else f"{prefix}{name}: ")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{name}", value
