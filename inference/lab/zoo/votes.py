"""How several models agree on one answer: numpy only.

All functions take probabilities (models, n, classes), each row adding up to 1, and raise
`ValueError` with a sentence for anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats

LEAST = 1e-7
"""Probabilities below it count as it where a logarithm is taken: that of zero is no number."""


def majority(probabilities: Floats) -> NDArray[np.int64]:
    """(n,) class with the most first places; a tie goes to the highest summed probability."""
    votes = _checked(probabilities)
    first = np.eye(votes.shape[2])[votes.argmax(axis=2)].sum(axis=0)
    # A mean probability is at most 1, so half of it never outweighs a whole vote.
    return np.asarray((first + votes.mean(axis=0) / 2).argmax(axis=1), np.int64)


def averaged(probabilities: Floats) -> Floats:
    """(n, classes) mean probability."""
    mean: Floats = _checked(probabilities).mean(axis=0)
    return mean


def weighted(probabilities: Floats, weights: Sequence[float]) -> Floats:
    """(n, classes) mean probability, each model counting by its weight, all above or at zero.

    Give the accuracy on validation data as weight, never that on the data to be judged.
    """
    votes = _checked(probabilities)
    share = np.asarray(weights, np.float32)
    if share.shape != (len(votes),) or not (share >= 0).all() or share.sum() <= 0:
        raise ValueError("Give one weight for each model, none below zero, one above.")
    return np.asarray(np.tensordot(share / share.sum(), votes, axes=1), np.float32)


def _checked(probabilities: Floats) -> Floats:
    votes = np.asarray(probabilities, np.float32)
    if votes.ndim != 3 or not len(votes):
        raise ValueError("A vote needs probabilities of shape (models, fields, classes).")
    if not np.allclose(votes.sum(axis=2), 1, atol=1e-3) or (votes < 0).any():
        raise ValueError("A vote needs probabilities: none below zero, each row adding up to 1.")
    return votes
