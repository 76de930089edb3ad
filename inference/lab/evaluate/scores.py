"""Scores of a table of truth and guess, areas under curves, and where to call a field malignant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats
from inference.lab.evaluate.bootstrap import Weights

PerClass = NDArray[np.float64]
"""(C,) one value a class, NaN where it is not defined."""


@dataclass(frozen=True, slots=True)
class Scores:
    """overall: accuracy, mcc, kappa. per_class: precision, recall, specificity, f1."""

    overall: dict[str, float]
    per_class: dict[str, PerClass]


def scores_of_confusion(table: NDArray[np.float64]) -> Scores:
    """Scores of (C, C) counts, rows truth and columns guess, which may be weighted.

    A class that is never guessed has precision 0; one that never occurs has no recall.
    """
    truth, guess, right = table.sum(axis=1), table.sum(axis=0), np.diag(table)
    total = table.sum()
    others_refused = total - truth - guess + right
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(guess > 0, right / guess, np.where(truth > 0, 0.0, np.nan))
        per_class = {
            "precision": precision,
            "recall": right / truth,
            "specificity": others_refused / (total - truth),
            "f1": 2 * right / (truth + guess),
        }
    overall = {
        "accuracy": float(right.sum() / total),
        "mcc": _correlation(truth, guess, right),
        "kappa": _kappa(truth, guess, right),
    }
    return Scores(overall, per_class)


def _correlation(truth: PerClass, guess: PerClass, right: PerClass) -> float:
    """Matthews' correlation of several classes; 0 where all truth or all guesses are one class.

    Source: Gorodkin, Comput. Biol. Chem. 28 (2004), R_K.
    """
    total = truth.sum()
    spread = (total**2 - truth @ truth) * (total**2 - guess @ guess)
    shared = right.sum() * total - truth @ guess
    return float(shared / np.sqrt(spread)) if spread > 0 else 0.0


def _kappa(truth: PerClass, guess: PerClass, right: PerClass) -> float:
    """Agreement beyond chance; NaN where chance alone agrees always.

    Source: Cohen, Educ. Psychol. Meas. 20 (1960).
    """
    total = truth.sum()
    chance = float(truth @ guess) / total**2
    return float((right.sum() / total - chance) / (1 - chance)) if chance < 1 else np.nan


def area_under_curves(
    probabilities: Floats, labels: NDArray[np.int64], weights: Weights
) -> PerClass:
    """Area under the ROC curve of each class against the rest.

    The share of pairs that stand in the right order, ties half. scikit-learn gives the same, too
    slowly for a thousand draws. Source: Hanley and McNeil, Radiology 143 (1982).
    """
    columns = enumerate(probabilities.T)
    return np.array([_area(labels == number, score, weights) for number, score in columns])


def _area(positive: NDArray[np.bool_], score: Floats, weights: Weights) -> float:
    _, place = np.unique(score, return_inverse=True)
    hits = np.bincount(place, weights * positive)
    others = np.bincount(place, weights * ~positive)
    pairs = hits.sum() * others.sum()
    below = np.cumsum(others) - others
    return float(hits @ (below + others / 2) / pairs) if pairs else np.nan


def operating_point(scores_of_malignant: NDArray[np.float64], sensitivity: float) -> float:
    """The highest threshold at which `sensitivity` of these fields are still called malignant.

    0 without any field: then everything is called malignant.
    """
    ordered = np.sort(scores_of_malignant)
    missed = int((1 - sensitivity) * len(ordered) + 1e-9)
    return float(ordered[missed]) if len(ordered) else 0.0


def operating_points(
    score: NDArray[np.float64],
    malignant: NDArray[np.bool_],
    groups: NDArray[np.generic],
    sensitivity: float,
) -> NDArray[np.float64]:
    """(n,) thresholds: for each field the one that the malignant fields of other groups choose."""
    points = np.zeros(len(score))
    for group in np.unique(groups):
        others = malignant & (groups != group)
        points[groups == group] = operating_point(score[others], sensitivity)
    return points
