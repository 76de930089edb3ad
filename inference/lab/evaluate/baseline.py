"""What can be had without looking at a cell: a forest on the colour of the background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from inference.lab.data.splits import Round


def background_accuracy(
    background: NDArray[np.float32], label: NDArray[np.int64], rounds: Sequence[Round]
) -> NDArray[np.bool_]:
    """Whether the background alone names the class right, field by field, in order of `rounds`.

    background: (fields, 15) colour percentiles of pixels of low saturation; label: (fields,).
    """
    return np.concatenate([_judge(background, label, turn) for turn in rounds])


def _judge(
    background: NDArray[np.float32], label: NDArray[np.int64], turn: Round
) -> NDArray[np.bool_]:
    forest = RandomForestClassifier(n_estimators=200, random_state=0, n_jobs=2)
    forest.fit(background[turn.train], label[turn.train])
    return np.asarray(forest.predict(background[turn.test]) == label[turn.test])
