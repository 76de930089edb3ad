"""How good the type network is: per type, calibrated or not, and what it leaves unidentified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from inference.engine.types import Floats
from inference.lab.evaluate.calibration import expected_calibration_error, reliability
from inference.lab.evaluate.figures import confusion


def type_figures(
    probabilities: Floats, label: NDArray[np.int64], classes: Sequence[str], threshold: float
) -> dict[str, Any]:
    """Figures of (n, types) probabilities against true class numbers (n,), ready for JSON.

    Precision, recall and F1 of the most probable type, nobody abstains; `identified`: share at
    or above `threshold`, with the accuracy among those. Types without a cell are left out.
    """
    guess = probabilities.argmax(axis=1)
    present = [int(number) for number in np.unique(label)]
    scores = precision_recall_fscore_support(label, guess, labels=present, zero_division=0.0)
    sure = probabilities.max(axis=1) >= threshold
    return {
        "cells": len(label),
        "accuracy": _rounded((guess == label).mean()),
        "macro_f1": _rounded(np.mean(scores[2])),
        "by_type": {
            classes[number]: dict(
                zip(("precision", "recall", "f1"), map(_rounded, row), strict=True), cells=int(n)
            )
            for number, n, *row in zip(present, scores[3], *scores[:3], strict=True)
        },
        "ece": _rounded(expected_calibration_error(reliability(probabilities, label))),
        "identified": _rounded(sure.mean()),
        "accuracy_of_identified": _rounded((guess == label)[sure].mean()) if sure.any() else None,
        "confusion": {"classes": list(classes), "rows": confusion(label, guess, classes)},
    }


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)
