"""When a type may be named: temperature and threshold, both chosen on the validation part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.pooling import softmax
from inference.engine.types import Floats
from inference.lab.train.calibrate import calibrate

ACCURACY_OF_IDENTIFIED = 0.99
RULE = (
    "The smallest threshold on the largest probability at which at least {level:.0%} of the "
    "identified cells of the validation part are named right; never below {least}."
)
LEAST = 0.5
"""Below, more than half of the probability speaks against the name."""


@dataclass(frozen=True, slots=True)
class TypeDecision:
    """temperature: divides logits. threshold: of the largest probability, else "unidentified"."""

    temperature: float
    threshold: float
    accuracy_of_identified: float = ACCURACY_OF_IDENTIFIED

    @property
    def rule(self) -> str:
        """How the threshold was chosen, as a sentence."""
        return RULE.format(level=self.accuracy_of_identified, least=LEAST)


def decide(
    logits: Floats, label: NDArray[np.int64], level: float = ACCURACY_OF_IDENTIFIED
) -> TypeDecision:
    """Fit to the logits (n, types) of cells not trained on, with their true class numbers (n,)."""
    temperature = calibrate(logits, label).temperature
    probabilities = softmax(logits / temperature)
    right = probabilities.argmax(axis=1) == label
    return TypeDecision(temperature, _threshold(probabilities.max(axis=1), right, level), level)


def _threshold(confidence: Floats, right: NDArray[np.bool_], level: float) -> float:
    """The smallest that leaves `level` right; 1.0 when even the surest cells fall short."""
    order = np.argsort(-confidence, kind="stable")
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= level)
    if not len(enough):
        return 1.0
    return max(LEAST, float(confidence[order[enough[-1]]]))
