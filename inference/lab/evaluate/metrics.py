"""The figures that papers print, each with an interval that takes smears as the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats
from inference.lab.evaluate.bootstrap import DRAWS, LEVEL, Interval, Weights, intervals
from inference.lab.evaluate.calibration import BINS, expected_calibration_error, reliability
from inference.lab.evaluate.figures import Decisions, share_of, shares
from inference.lab.evaluate.scores import (
    area_under_curves,
    operating_point,
    operating_points,
    scores_of_confusion,
)

SENSITIVITY = 0.995
"""What the operating point for "malignant" is chosen to reach on the other groups: half a point
above the 99 % that is wanted, because a threshold loses some on smears that did not choose it."""
CLASS = "@"
"""Between a figure's name and the class it is of."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Fields with their truth and what was said of them.

    labels, guesses: (n,) class numbers, true and most probable. probabilities: (n, C). benign:
    class number, None without one.
    thresholds: (n,) `malignancy` from which a field is called malignant.
    decisions: (n,) as in `figures`. sets: (n, C) bool, prediction sets.
    """

    labels: NDArray[np.int64]
    probabilities: Floats
    guesses: NDArray[np.int64]
    classes: Sequence[str]
    benign: int | None
    thresholds: NDArray[np.float64]
    decisions: Decisions | None
    sets: NDArray[np.bool_] | None


def metrics_of(
    labels: NDArray[np.int64],
    probabilities: Floats,
    groups: NDArray[np.generic],
    classes: Sequence[str],
    *,
    guesses: NDArray[np.int64] | None = None,
    decisions: Decisions | None = None,
    sets: NDArray[np.bool_] | None = None,
    benign: str = "Benign",
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Any]:
    """Every figure as {"value", "low", "high"}: `overall`, and `per_class` one class at a time.

    labels: (n,) class numbers. probabilities: (n, C), rows adding up to 1. groups: (n,) smear or
    appearance group. guesses: (n,) class numbers that count as the most probable ones, by default
    those of the largest probabilities. decisions, sets: what was said of each field, for shares of
    decided fields and for coverage. benign: the class that is not malignant. Raises `ValueError`.
    """
    _check(labels, probabilities, groups, classes)
    number = list(classes).index(benign) if benign in classes else None
    malignant = labels != number
    score = malignancy(probabilities, number)
    guess = probabilities.argmax(axis=1) if guesses is None else guesses
    points = operating_points(score, malignant, groups, SENSITIVITY)
    judged = Judged(labels, probabilities, guess, classes, number, points, decisions, sets)
    found = intervals(
        lambda weights: measures(judged, weights), groups, labels, draws=draws, seed=seed
    )
    report: dict[str, Any] = {
        "fields": len(labels),
        "groups": len(np.unique(groups)),
        "interval": {"level": LEVEL, "draws": draws, "seed": seed, "drawn": "groups"},
        "calibration_bins": BINS,
        **_nested(found, classes),
    }
    if number is not None:
        report["operating_point"] = {
            "sensitivity_aimed_at": SENSITIVITY,
            "threshold": round(operating_point(score[malignant], SENSITIVITY), 6),
            "judged_with": "the threshold that all other groups choose",
        }
    return report


def malignancy(probabilities: Floats, benign: int | None) -> NDArray[np.float64]:
    """(n,) probability of any class but `benign`; 1 where there is no such class."""
    if benign is None:
        return np.ones(len(probabilities))
    return 1 - probabilities[:, benign].astype(np.float64)


def measures(judged: Judged, weights: Weights) -> dict[str, float]:
    """All figures of `judged` where field i counts `weights[i]` times; NaN where undefined."""
    size = len(judged.classes)
    pairs = np.bincount(judged.labels * size + judged.guesses, weights, size * size)
    scores = scores_of_confusion(pairs.astype(np.float64).reshape(size, size))
    per_class = dict(scores.per_class)
    per_class["auc"] = area_under_curves(judged.probabilities, judged.labels, weights)
    named = {
        f"{figure}{CLASS}{name}": float(value)
        for figure, values in per_class.items()
        for name, value in zip(judged.classes, values, strict=True)
    }
    bins = reliability(judged.probabilities, judged.labels, weights)
    return {
        **scores.overall,
        **{f"{figure}_macro": _mean(values) for figure, values in per_class.items()},
        "ece": expected_calibration_error(bins),
        **_malignant(judged, weights),
        **_decided(judged, weights),
        **_covered(judged, weights),
        **named,
    }


def _malignant(judged: Judged, weights: Weights) -> dict[str, float]:
    if judged.benign is None:
        return {}
    called = malignancy(judged.probabilities, judged.benign) >= judged.thresholds
    malignant = judged.labels != judged.benign
    return {
        "malignant_sensitivity": share_of(called, weights * malignant),
        "malignant_specificity": share_of(~called, weights * ~malignant),
    }


def _decided(judged: Judged, weights: Weights) -> dict[str, float]:
    if judged.decisions is None:
        return {}
    return shares(judged.labels, judged.guesses, judged.decisions, judged.benign, weights)


def _covered(judged: Judged, weights: Weights) -> dict[str, float]:
    if judged.sets is None:
        return {}
    inside = judged.sets[np.arange(len(judged.labels)), judged.labels]
    return {
        "coverage": share_of(inside, weights),
        "classes_in_set": share_of(judged.sets.sum(axis=1), weights),
    }


def _mean(values: NDArray[np.float64]) -> float:
    """Over the classes for which the figure is defined."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else np.nan


def _nested(found: dict[str, Interval], classes: Sequence[str]) -> dict[str, Any]:
    overall = {name: one.as_dict() for name, one in found.items() if CLASS not in name}
    per_class: dict[str, dict[str, Any]] = {name: {} for name in classes}
    for key, one in found.items():
        figure, _, name = key.partition(CLASS)
        if name:
            per_class[name][figure] = one.as_dict()
    return {"overall": overall, "per_class": per_class}


def _check(
    labels: NDArray[np.int64],
    probabilities: Floats,
    groups: NDArray[np.generic],
    classes: Sequence[str],
) -> None:
    if not len(labels):
        raise ValueError("There are no judged fields: figures need at least one.")
    if probabilities.shape != (len(labels), len(classes)) or len(groups) != len(labels):
        raise ValueError("Labels, probabilities and groups are not of the same fields and classes.")
    if not np.isfinite(probabilities).all() or np.abs(probabilities.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError("Probabilities must be numbers that add up to 1 for each field.")
    if labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError("A label is not the number of one of the classes.")
