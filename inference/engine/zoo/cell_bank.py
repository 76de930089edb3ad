"""The default field model: filters learned without labels see each cell, a bag of cells decides.

Crop -> two banks of small filters -> mean and root mean square of each filter's answer over the
cell -> projection -> hidden vector, attention and class scores of the cell. A field is the
attention-weighted mean and spread of its cells' hidden vectors: how its cells look, and how unlike
each other they are. Sources: Coates and Ng, Learning feature representations with k-means (2012),
for the filters; Ilse, Tomczak, Welling, Attention-based deep multiple instance learning (2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
from keras import layers, ops

FILTERS = 256
PROJECTED = 448
HIDDEN = 192
LEVEL = 64.0
"""Crop levels are divided by it before a filter sees them."""
CELL_LAYERS = ("hidden", "attend", "attention", "logits")
"""Layers of a cell that are trained with labels."""
EVIDENCE_SIDE = 6


@dataclass(frozen=True, slots=True)
class Bank:
    """Filters of one size. shrink: the crop is made smaller by it first. side, strides: pixels.

    threshold: what a filter's answer must exceed to count.
    """

    shrink: int
    side: int
    strides: int
    threshold: float


BANKS: Sequence[Bank] = (Bank(1, 3, 2, 0.3), Bank(2, 6, 1, 0.5))
"""Fine grain of chromatin; shapes of nucleus and nucleoli."""


def build(side: int, classes: int) -> keras.Model:
    """One cell: (n, side, side, 3) crops in [0, 255] -> dict of what `CellScores` holds.

    "map" (n, 6, 6, classes), its mean over the places is the cell's logits; "attention" (n, 1);
    "embedding" (n, 192).
    """
    crop = keras.Input((side, side, 3), name="crop")
    answers = _answers(crop)
    features = _pooled(answers)
    project = layers.Dense(PROJECTED, name="project")
    head = _CellHead(classes)
    hidden, attention, logits = head(project(features))
    evidence = Evidence(project, head.hidden, head.logits, name="evidence")(
        [*answers[0], features, hidden]
    )
    places = layers.Resizing(EVIDENCE_SIDE, EVIDENCE_SIDE, interpolation="bilinear")(evidence)
    # What the places do not share is spread evenly, so that the mean of a map is the logits.
    rest = logits[:, None, None, :] - ops.mean(places, axis=(1, 2), keepdims=True)
    outputs = {
        "map": layers.Identity(name="map")(places + rest),
        "attention": attention,
        "embedding": hidden,
    }
    return keras.Model(crop, outputs, name="cell_bank")


def features_model(side: int) -> keras.Model:
    """Only what needs no labels: crops -> (n, 1024) answers of the filters."""
    crop = keras.Input((side, side, 3), name="crop")
    return keras.Model(crop, _pooled(_answers(crop)), name="filters")


def bag_model(most_cells: int, classes: int) -> keras.Model:
    """What is trained with labels: projected cells of a field -> its class, and each cell's.

    Inputs "cells" (n, most_cells, 448) and "present" (n, most_cells) of 0 and 1; outputs "field"
    (n, classes) and "cell" (n, most_cells, classes), both logits.
    """
    cells = keras.Input((most_cells, PROJECTED), name="cells")
    present = keras.Input((most_cells,), name="present")
    noisy = layers.Dropout(0.15)(layers.GaussianNoise(0.1)(cells))
    hidden, attention, logits = _CellHead(classes, dropout=0.3)(noisy)
    share = ops.softmax(attention[..., 0] + (present - 1) * 1e9, axis=1)[..., None]
    mean = ops.sum(hidden * share, axis=1)
    spread = ops.sqrt(ops.relu(ops.sum(hidden * hidden * share, axis=1) - mean * mean) + 1e-4)
    x = layers.BatchNormalization(name="field_norm")(ops.concatenate([mean, spread], axis=1))
    x = layers.Dense(256, activation="relu", name="field_hidden")(layers.Dropout(0.3)(x))
    field = layers.Dense(classes, name="field")(layers.Dropout(0.3)(x))
    outputs = {"field": field, "cell": layers.Identity(name="cell")(logits)}
    return keras.Model({"cells": cells, "present": present}, outputs, name="bag")


class Evidence(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Where in the crop the evidence for each class lies, before any ReLU.

    Gradient of a class's logit by each fine filter's mean answer, times that answer at each place:
    Selvaraju et al., Grad-CAM (2017), equations 1 and 2. The layers between are known, so the
    gradient is written out and the compiled model needs no second pass.
    """

    def __init__(
        self, project: layers.Dense, hidden: layers.Dense, logits: layers.Dense, **options: str
    ) -> None:
        super().__init__(**options)
        self._project, self._hidden, self._logits = project, hidden, logits

    def call(self, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Answers (n, h, w, f), where they are inside the cell (n, h, w, 1), features, hidden."""
        answers, inside, features, hidden = inputs
        through = ops.matmul(self._project.kernel[:FILTERS], self._hidden.kernel)
        open_units = ops.cast(hidden > 0, hidden.dtype)[:, :, None] * self._logits.kernel
        # The feature is the root of the mean, hence the factor.
        slope = 0.5 / ops.maximum(features[:, :FILTERS], 1e-3)
        gradient = slope[:, :, None] * ops.matmul(through, open_units)
        n, height, width = ops.shape(answers)[0], answers.shape[1], answers.shape[2]
        flat = ops.reshape(answers * inside, (n, height * width, FILTERS))
        found = ops.matmul(flat, gradient)
        return ops.reshape(found, (n, height, width, self._logits.units))


class _CellHead:
    """The layers of `CELL_LAYERS`, alike in the bag that is trained and in the shipped network."""

    def __init__(self, classes: int, dropout: float = 0.0) -> None:
        self.hidden = layers.Dense(HIDDEN, name="hidden")
        self.logits = layers.Dense(classes, name="logits")
        self._attend = layers.Dense(32, activation="tanh", name="attend")
        self._attention = layers.Dense(1, name="attention")
        self._dropout = layers.Dropout(dropout)

    def __call__(
        self, cells: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
        """Projected cells (..., 448) -> hidden (..., 192), attention (..., 1), logits."""
        hidden = self.hidden(cells)
        seen = self._dropout(ops.relu(hidden))
        return hidden, self._attention(self._attend(seen)), self.logits(seen)


def _answers(crop: keras.KerasTensor) -> list[tuple[keras.KerasTensor, keras.KerasTensor]]:
    """Of each bank: answers (n, h, w, 256), and 1 where the filter lies inside the cell, else 0."""
    levels = ops.cast(crop, "float32") / LEVEL
    found = []
    for number, bank in enumerate(BANKS):
        small, inside = _shrunk(levels, bank.shrink)
        convolution = layers.Conv2D(FILTERS, bank.side, strides=bank.strides, name=f"bank_{number}")
        cover = layers.AveragePooling2D(bank.side, bank.strides)(inside)
        found.append((ops.relu(convolution(small)), ops.cast(cover > 0.6, "float32")))
    return found


def _shrunk(levels: keras.KerasTensor, factor: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    inside = ops.cast(ops.max(levels, axis=-1, keepdims=True) > 0, "float32")
    if factor == 1:
        return levels, inside
    cover = layers.AveragePooling2D(factor)(inside)
    # Divided by the cover, so that black from outside the cell does not darken its rim.
    mean = layers.AveragePooling2D(factor)(levels) / ops.maximum(cover, 0.5)
    kept = ops.cast(cover > 0.5, "float32")
    return mean * kept, kept


def _pooled(answers: list[tuple[keras.KerasTensor, keras.KerasTensor]]) -> keras.KerasTensor:
    """Root of the mean, and root of the root mean square, of each filter over the cell."""
    parts = []
    for answer, inside in answers:
        places = ops.sum(inside, axis=(1, 2)) + 1e-3
        kept = answer * inside
        parts.append(ops.sum(kept, axis=(1, 2)) / places)
        parts.append(ops.sqrt(ops.sum(kept * answer, axis=(1, 2)) / places))
    return ops.sqrt(ops.concatenate(parts, axis=1))
