"""Figures of held-out fields: what a pathologist would ask of a suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.pooling import softmax
from inference.engine.types import Floats
from inference.lab.evaluate.bootstrap import Weights
from inference.lab.train.calibrate import calibrate, covered
from inference.lab.train.rounds import HeldOut, calibration_rounds

Decisions = NDArray[np.int64]
"""(n,) class numbers; `NO_DECISION` for unsure, `TOO_FEW` for insufficient."""
NO_DECISION, TOO_FEW = -1, -2


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What is said of each held-out field, calibrated on the other rounds only.

    decision: (n,). probabilities: (n, C). sets: (n, C) bool, the prediction sets.
    """

    decision: Decisions
    probabilities: Floats
    sets: NDArray[np.bool_]


def answers(found: HeldOut, label: NDArray[np.int64], minimum_cells: int) -> Answers:
    """The word on each held-out field; label: (n,) true class numbers."""
    said = Answers(
        np.full(len(found.fields), NO_DECISION),
        np.zeros_like(found.scores),
        np.zeros(found.scores.shape, bool),
    )
    for others, mine in calibration_rounds(found):
        usable = others & (found.cells >= minimum_cells)
        fitted = calibrate(found.scores[usable], label[usable])
        probabilities = softmax(found.scores[mine] / fitted.temperature)
        sets = covered(probabilities, fitted)
        said.probabilities[mine] = probabilities
        said.decision[mine] = [one[0] if len(one) == 1 else NO_DECISION for one in sets]
        for row, one in zip(np.flatnonzero(mine), sets, strict=True):
            said.sets[row, list(one)] = True
    said.decision[found.cells < minimum_cells] = TOO_FEW
    return said


def guesses(found: HeldOut, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) most probable class of each field, nobody abstains; label: (n,) true class numbers.

    Of a field without a cell nothing was said, which counts as wrong: the first class not its own.
    """
    return np.where(found.cells > 0, found.scores.argmax(axis=1), np.where(label == 0, 1, 0))


def figures(
    label: NDArray[np.int64],
    guess: NDArray[np.int64],
    decision: Decisions,
    benign: int | None,
    where: NDArray[np.bool_],
) -> dict[str, float | int | None]:
    """`shares` of the fields under `where` (n,), rounded for JSON, and how many they are."""
    found = shares(label, guess, decision, benign, where.astype(np.float64))
    rounded = {name: None if np.isnan(one) else round(one, 4) for name, one in found.items()}
    return {"fields": int(where.sum()), **rounded}


def shares(
    label: NDArray[np.int64],
    guess: NDArray[np.int64],
    decision: Decisions,
    benign: int | None,
    weights: Weights,
) -> dict[str, float]:
    """What is said of fields as shares of all, field i counting `weights[i]` times.

    label, guess, decision: (n,). accuracy: most probable class is right, nobody abstains.
    decided: prediction set of one class. insufficient: too few cells. accuracy_of_decided: right
    among the decided, NaN without any. malignant_decided_benign: only with a class `benign`.
    """
    decided = decision >= 0
    wrong = decided & (decision != label)
    found = {"accuracy": guess == label, "decided": decided, "decided_wrong": wrong}
    if benign is not None:
        found["malignant_decided_benign"] = wrong & (decision == benign)
    found["insufficient"] = decision == TOO_FEW
    return {
        **{name: share_of(one, weights) for name, one in found.items()},
        "accuracy_of_decided": share_of(~wrong, weights * decided),
    }


def share_of(values: NDArray[np.generic], weights: Weights) -> float:
    """The weighted mean of (n,) values; NaN where nothing counts."""
    total = float(weights.sum())
    return float((np.asarray(values, np.float64) * weights).sum() / total) if total else np.nan


def confusion(
    label: NDArray[np.int64], guess: NDArray[np.int64], classes: Sequence[str]
) -> list[list[int]]:
    """Rows: truth. Columns: most probable class."""
    table = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(table, (label, guess), 1)
    return [[int(value) for value in row] for row in table]
