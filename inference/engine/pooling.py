"""From cells to a field, and from scores to a decision that may be "unsure"."""

from __future__ import annotations

import numpy as np

from inference.engine.types import Floats


def log_softmax(logits: Floats) -> Floats:
    """(..., classes) logits -> log probabilities."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs


def softmax(logits: Floats) -> Floats:
    """(..., classes) logits -> probabilities."""
    return np.exp(log_softmax(logits))


def pool(cell_logits: Floats, weights: Floats) -> Floats:
    """Field scores: the weighted mean of the cells' log probabilities.

    cell_logits: (n, classes). weights: (n,), adding up to 1. Returns (classes,).
    The product of experts: every cell has a say, and no single one decides.
    Source: Hinton, Neural Computation 14 (2002).
    """
    return np.asarray((log_softmax(cell_logits) * weights[:, None]).sum(axis=0), np.float32)


def prediction_set(probabilities: Floats, coverage: float) -> tuple[int, ...]:
    """The fewest most probable classes that together reach `coverage`; never empty.

    Source: Romano, Sesia, Candes, Classification with valid and adaptive coverage (2020),
    without the random tie-break.
    """
    order = np.argsort(-probabilities, kind="stable")
    reached = np.cumsum(probabilities[order])
    needed = int(np.searchsorted(reached, min(coverage, float(reached[-1])))) + 1
    return tuple(int(i) for i in order[:needed])
