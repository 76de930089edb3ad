"""Points of the curves that a report draws, few enough for a JSON file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from inference.engine.types import Floats
from inference.lab.evaluate.calibration import reliability

POINTS = 100
"""Most points of one ROC curve."""
DIGITS = 4
Series = Mapping[str, Mapping[str, Sequence[float]]]
"""Round -> quantity ("loss", "accuracy", ...) -> one value an epoch."""


def curves_of(
    labels: NDArray[np.int64],
    probabilities: Floats,
    classes: Sequence[str],
    learning: Series | None = None,
) -> dict[str, Any]:
    """Plain values for JSON: `roc` by class, `reliability` by bin, `learning` as it is given.

    labels: (n,) class numbers. probabilities: (n, C). A class without fields, or without others
    beside it, has no ROC curve; an empty bin is left out.
    """
    return {
        "roc": {
            name: _roc(labels == number, probabilities[:, number])
            for number, name in enumerate(classes)
            if 0 < (labels == number).sum() < len(labels)
        },
        "reliability": _reliability(labels, probabilities),
        "learning": {
            name: {quantity: _rounded(values) for quantity, values in series.items()}
            for name, series in (learning or {}).items()
        },
    }


def _roc(positive: NDArray[np.bool_], score: Floats) -> dict[str, list[float]]:
    false, true, _ = roc_curve(positive, score)
    kept = np.unique(np.linspace(0, len(false) - 1, POINTS).round().astype(int))
    return {"false_positive_rate": _rounded(false[kept]), "sensitivity": _rounded(true[kept])}


def _reliability(labels: NDArray[np.int64], probabilities: Floats) -> dict[str, list[float]]:
    found = reliability(probabilities, labels)
    filled = found.share > 0
    return {
        "confidence": _rounded(found.confidence[filled]),
        "accuracy": _rounded(found.accuracy[filled]),
        "share": _rounded(found.share[filled]),
    }


def _rounded(values: Sequence[float] | NDArray[np.float64]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
