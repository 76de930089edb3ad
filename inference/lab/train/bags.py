"""Training of the default model: filters without labels, then a head over bags of cells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.field_head import FieldHead, attention_weights, folded
from inference.engine.types import CellScores, Floats, Progress
from inference.engine.zoo.cell_bank import CELL_LAYERS, bag_model, build
from inference.lab.train.encoder import Encoder, encode, learn_encoder
from inference.lab.train.settings import TrainingData, TrainingSettings

MOST_CELLS = 24
"""Cells of a field that are looked at together in training; more are drawn from anew each time."""
KEPT = 0.7
"""Share of a field's cells in each draw, so that no single cell is learned by heart."""
FIELDS_AT_ONCE = 64
CELL_LOSS = 0.3
"""Weight of the cells' own loss: every cell shares the label of its field, more or less."""
FIELD_LAYERS = ("field_norm", "field_hidden", "field")


@dataclass(frozen=True, slots=True, eq=False)
class BagClassifier:
    """A trained default model: the network for cells, and the head for fields.

    history: mean loss and share of right fields of each epoch of training.
    """

    encoder: Encoder
    layers: dict[str, list[Floats]]
    head: FieldHead
    classes: int
    history: dict[str, list[float]]

    def cells(self, crops: NDArray[np.uint8]) -> CellScores:
        """(n, side, side, 3) uint8 crops -> scores; without maps, which judging does not need."""
        hidden = _dense(encode(self.encoder, crops), self.layers["hidden"])
        seen = np.maximum(hidden, 0)
        attention = _dense(np.tanh(_dense(seen, self.layers["attend"])), self.layers["attention"])
        nowhere = np.zeros((len(crops), 0, 0, self.classes), np.float32)
        return CellScores(_dense(seen, self.layers["logits"]), attention[:, 0], hidden, nowhere)

    def fields(
        self, cells: CellScores, field: NDArray[np.int32], wanted: NDArray[np.intp]
    ) -> Floats:
        """Logits (len(wanted), classes) of fields; `field`: (n,) whose cell each one is."""
        found = np.zeros((len(wanted), self.classes), np.float32)
        for row, number in enumerate(wanted):
            mine = np.flatnonzero(field == number)
            if len(mine):
                bag = cells.of(mine)
                weights = attention_weights(bag, np.ones(len(mine), bool))
                found[row] = self.head.scores(bag, weights)
        return found

    def network(self, side: int) -> keras.Model:
        """The network for cells, with its weights."""
        model = build(side, self.classes)
        for number, weights in enumerate(self.encoder.banks):
            model.get_layer(f"bank_{number}").set_weights(weights)
        model.get_layer("project").set_weights([self.encoder.project, self.encoder.offset])
        for name, arrays in self.layers.items():
            model.get_layer(name).set_weights(arrays)
        return model


def train_bags(
    data: TrainingData, settings: TrainingSettings, progress: Progress | None = None
) -> BagClassifier:
    """A model trained on the cells of some fields. The same seed and data give the same model."""
    tell = progress or (lambda share, words: None)
    keras.utils.set_random_seed(settings.seed)
    tell(0.0, "learning filters")
    encoder, views = learn_encoder(data.crops, settings.seed)
    bags = _Bags(data, views, settings.seed)
    model = _compiled(bags, data.classes, settings)
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    for epoch in range(settings.epochs):
        rows = np.array([_step(model, *batch) for batch in bags.epoch(epoch)])
        loss, accuracy = rows.mean(axis=0)
        history["loss"].append(round(float(loss), 4))
        history["accuracy"].append(round(float(accuracy), 4))
        share = 0.4 + 0.6 * (epoch + 1) / settings.epochs
        tell(share, f"epoch {epoch + 1} of {settings.epochs}, loss {loss:.3f}")
    weights = {name: model.get_layer(name).get_weights() for name in (*CELL_LAYERS, *FIELD_LAYERS)}
    cell_layers = {name: weights[name] for name in CELL_LAYERS}
    return BagClassifier(encoder, cell_layers, folded(weights), data.classes, history)


def _compiled(bags: _Bags, classes: int, settings: TrainingSettings) -> keras.Model:
    model = bag_model(MOST_CELLS, classes)
    steps = settings.epochs * bags.steps
    schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.02),
        loss={name: _cross_entropy(settings) for name in ("field", "cell")},
        loss_weights={"field": 1.0, "cell": CELL_LOSS},
        weighted_metrics={"field": "accuracy", "cell": None},
    )
    return model


def _cross_entropy(settings: TrainingSettings) -> keras.losses.Loss:
    return keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.label_smoothing
    )


def _step(model: keras.Model, inputs: Any, targets: Any, weights: Any) -> tuple[float, float]:
    """Loss and share of right fields (each class counting alike) of one batch."""
    found = model.train_on_batch(inputs, targets, sample_weight=weights, return_dict=True)
    model.reset_metrics()
    return float(found["loss"]), float(found["field_accuracy"])


class _Bags:
    """Batches of fields, each with some of its cells in one of their views."""

    def __init__(self, data: TrainingData, views: Floats, seed: int) -> None:
        self._views, self._seed = views, seed
        order = np.argsort(data.field, kind="stable")
        fields, starts = np.unique(data.field[order], return_index=True)
        self._cells = np.split(order, starts[1:])
        self._label = np.array([data.label[cells[0]] for cells in self._cells])
        count = np.maximum(np.bincount(self._label, minlength=data.classes), 1)
        self._balance = len(fields) / (data.classes * count)
        self._one_hot = np.eye(data.classes, dtype=np.float32)
        self.steps = math.ceil(len(fields) / FIELDS_AT_ONCE)

    def epoch(self, number: int) -> Iterator[tuple[Any, Any, Any]]:
        """Inputs, targets and sample weights of each batch; depends on seed and epoch only."""
        rng = np.random.default_rng([self._seed, number])
        # All batches have the same size, or the backend would compile a second step.
        order = np.resize(rng.permutation(len(self._cells)), self.steps * FIELDS_AT_ONCE)
        for batch in order.reshape(-1, FIELDS_AT_ONCE):
            yield self._batch(batch, rng)

    def _batch(self, batch: NDArray[np.intp], rng: np.random.Generator) -> tuple[Any, Any, Any]:
        chosen = np.zeros((len(batch), MOST_CELLS), np.intp)
        present = np.zeros((len(batch), MOST_CELLS), np.float32)
        for row, bag in enumerate(batch):
            drawn = self._drawn(self._cells[bag], rng)
            chosen[row, : len(drawn)] = drawn
            present[row, : len(drawn)] = 1
        view = rng.integers(0, len(self._views), (len(batch), 1))
        label = self._label[batch]
        weight = self._balance[label].astype(np.float32)
        # Every field counts once among the cells too, however many it has.
        share = present * MOST_CELLS / present.sum(axis=1, keepdims=True)
        target = self._one_hot[label]
        return (
            {"cells": self._views[view, chosen], "present": present},
            {"field": target, "cell": np.repeat(target[:, None], MOST_CELLS, axis=1)},
            {"field": weight, "cell": share * weight[:, None]},
        )

    def _drawn(self, cells: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
        """Some of a field's cells, two at least where it has them."""
        wanted = max(min(2, len(cells)), round(KEPT * len(cells)))
        return rng.permutation(cells)[: min(wanted, MOST_CELLS)]


def _dense(values: Floats, weights: list[Floats]) -> Floats:
    kernel, bias = weights
    return np.asarray(values @ kernel + bias, np.float32)
