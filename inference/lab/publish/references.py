"""Which cells of the training fields new cells are compared with."""

from __future__ import annotations

import numpy as np

from inference.engine.evidence import References, unit
from inference.engine.pooling import softmax
from inference.lab.train.bags import BagClassifier
from inference.lab.train.rounds import Study

EACH_CLASS = 48


def choose_references(model: BagClassifier, study: Study) -> References:
    """The most typical cells of each class, one a field: those the model is surest of, rightly."""
    scores = model.cells(study.cells.crops)
    label = study.label[study.cells.field]
    sure = softmax(scores.logits)[np.arange(len(label)), label]
    chosen: list[int] = []
    for number in range(len(study.classes)):
        mine = np.flatnonzero(label == number)
        order = mine[np.argsort(-sure[mine], kind="stable")]
        # The first of each field is its surest.
        _, first = np.unique(study.cells.field[order], return_index=True)
        chosen += order[np.sort(first)[:EACH_CLASS]].tolist()
    places = np.array(chosen)
    names = tuple(study.manifest.entries[study.cells.field[cell]].path for cell in places)
    return References(unit(scores.embedding[places]), label[places], names, study.classes)
