"""Figures of held-out fields: what a pathologist would ask of a suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.pooling import softmax
from inference.engine.types import Floats
from inference.lab.train.calibrate import calibrate, covered
from inference.lab.train.rounds import HeldOut, calibration_rounds

Decisions = NDArray[np.int64]
"""(n,) class numbers; `NO_DECISION` for unsure, `TOO_FEW` for insufficient."""
NO_DECISION, TOO_FEW = -1, -2


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of `fields`, unless said otherwise.

    accuracy: most probable class is right, nobody abstains, fields without cells are wrong.
    decided: prediction set of one class. decided_wrong, malignant_decided_benign: of all fields.
    insufficient: too few cells. accuracy_of_decided: right among the decided, None without any.
    """

    fields: int
    accuracy: float
    decided: float
    decided_wrong: float
    malignant_decided_benign: float
    insufficient: float
    accuracy_of_decided: float | None

    def as_dict(self) -> dict[str, float | int | None]:
        """For JSON."""
        return asdict(self)


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
    found: HeldOut,
    label: NDArray[np.int64],
    decision: Decisions,
    benign: int,
    where: NDArray[np.bool_],
) -> Figures:
    """Figures over the fields of `found` under `where` (n,); label: (n,) true class numbers."""
    right = (guesses(found, label) == label)[where]
    label, decision = label[where], decision[where]
    n = max(1, len(label))
    decided = decision >= 0
    wrong = decided & (decision != label)
    missed = decided & (decision == benign) & (label != benign)
    return Figures(
        fields=len(label),
        accuracy=_share(right, n),
        decided=_share(decided, n),
        decided_wrong=_share(wrong, n),
        malignant_decided_benign=_share(missed, n),
        insufficient=_share(decision == TOO_FEW, n),
        accuracy_of_decided=_share(decided & ~wrong, int(decided.sum())) if decided.any() else None,
    )


def confusion(
    label: NDArray[np.int64], guess: NDArray[np.int64], classes: Sequence[str]
) -> list[list[int]]:
    """Rows: truth. Columns: most probable class."""
    table = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(table, (label, guess), 1)
    return [[int(value) for value in row] for row in table]


def _share(where: NDArray[np.bool_], total: int) -> float:
    return round(float(where.sum()) / total, 4)
