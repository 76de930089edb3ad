"""Does 90 % sure mean right in nine of ten? Bins of confidence, and the gap between the two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats

BINS = 15
"""Equal-width bins of confidence. Source: Guo et al., On Calibration of Modern Neural Networks,
ICML 2017, section 2, whose figures are for 15 bins."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """One value for each of the `BINS`, NaN where a bin is empty.

    share: of all fields. confidence: mean probability of the most probable class. accuracy: share
    of the bin's fields where that class is right.
    """

    share: NDArray[np.float64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def reliability(
    probabilities: Floats, labels: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> Reliability:
    """Bin (n, classes) probabilities by their largest one. weights: (n,), how often each counts."""
    weights = np.ones(len(labels)) if weights is None else weights
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    # A bin holds its upper edge, so that certainty lies in the last one.
    place = np.clip(np.ceil(sure * BINS).astype(np.int64) - 1, 0, BINS - 1)
    total, confidence, accuracy = (
        np.bincount(place, weights * values, minlength=BINS)
        for values in (np.ones(len(labels)), sure, right)
    )
    with np.errstate(invalid="ignore"):
        return Reliability(total / total.sum(), confidence / total, accuracy / total)


def expected_calibration_error(found: Reliability) -> float:
    """Mean gap between confidence and accuracy over the bins, each weighted by its share.

    Source: Naeini et al., Obtaining Well Calibrated Probabilities, AAAI 2015.
    """
    gaps = np.abs(found.confidence - found.accuracy)
    return float(np.nansum(found.share * gaps))
