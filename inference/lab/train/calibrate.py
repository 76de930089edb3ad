"""How sure is sure: temperature and the coverage of prediction sets, on fields not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from inference.engine.pooling import log_softmax, prediction_set, softmax
from inference.engine.types import Floats

MINIMUM_CELLS = 2
"""Whole cells of a field below which nothing is said of it."""
LEVEL = 0.97
"""Share of calibration fields whose true class must lie in the prediction set."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """temperature: divides field scores. coverage: what a prediction set must add up to."""

    temperature: float
    coverage: float
    level: float = LEVEL


def calibrate(scores: Floats, label: NDArray[np.int64], level: float = LEVEL) -> Calibration:
    """Fit to held-out field scores (n, classes) with their true class numbers (n,).

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), for the temperature.
    """
    found = minimize_scalar(
        lambda log_t: _loss(scores / np.exp(log_t), label), bounds=(-3, 4), method="bounded"
    )
    temperature = float(np.exp(found.x))
    return Calibration(temperature, _coverage(softmax(scores / temperature), label, level), level)


def _loss(scores: Floats, label: NDArray[np.int64]) -> float:
    return float(-log_softmax(scores)[np.arange(len(label)), label].mean())


def _coverage(probabilities: Floats, label: NDArray[np.int64], level: float) -> float:
    """The mass down to and including the true class, at the conformal quantile `level`."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    reached = np.take_along_axis(probabilities, order, axis=1).cumsum(axis=1)
    place = np.argmax(order == label[:, None], axis=1)
    # The set is taken one class short of the mass, so that the class itself is needed.
    before = reached[np.arange(len(label)), place] - probabilities[np.arange(len(label)), label]
    rank = min(1.0, level * (1 + 1 / len(label)))
    return float(np.clip(np.quantile(before, rank, method="higher") + 1e-6, 0.0, 1.0))


def covered(probabilities: Floats, calibration: Calibration) -> list[tuple[int, ...]]:
    """Prediction set of each row of (n, classes) probabilities."""
    return [prediction_set(row, calibration.coverage) for row in probabilities]
