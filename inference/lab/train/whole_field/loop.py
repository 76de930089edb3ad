"""Training a whole-field architecture: seeded, resumable, on any Keras 3 backend."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.pooling import log_softmax
from inference.engine.types import Floats, Progress
from inference.lab.data.pictures import FieldSet, Pictures
from inference.lab.data.splits import Round
from inference.lab.train.checkpoint import precision, resume, save
from inference.lab.train.whole_field.augment import augment
from inference.lab.train.whole_field.recipes import RECIPES
from inference.lab.zoo.registry import build, preset_of

Curves = list[dict[str, float]]
"""One row an epoch."""


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """recipe: augmentation by name. class_weights: classes count alike, however many fields.

    as_published: the printed scale bar is left in, as the papers did. imagenet: SHA-256 of the
    ImageNet files, "" for random weights; with them the base is frozen, as the papers did.
    mixed_precision: bfloat16 arithmetic, float32 weights.
    """

    arch: str
    side: int
    epochs: int
    batch: int
    learning_rate: float
    recipe: str
    class_weights: bool = True
    mixed_precision: bool = False
    as_published: bool = False
    imagenet: str = ""
    seed: int = 7

    @classmethod
    def of_preset(cls, arch: str) -> FieldSettings:
        """As the papers trained `arch`. Raises `KeyError` with the known names."""
        preset = preset_of(arch)
        return cls(
            arch=arch,
            side=preset.side,
            epochs=preset.epochs,
            batch=preset.batch,
            learning_rate=preset.learning_rate,
            recipe=preset.recipe,
        )


def train_fields(
    fields: FieldSet,
    turn: Round,
    settings: FieldSettings,
    *,
    weights: Path | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> tuple[keras.Model, Curves]:
    """Train on `turn.train`; the curves also follow `turn.test`, which decides nothing.

    The last epoch counts, never the best one: choosing by the judged fields would flatter.
    Curves: loss, accuracy, test_loss, test_accuracy of each epoch. weights: folder with ImageNet
    files. Raises `BuildRefused`.
    """
    keras.utils.set_random_seed(settings.seed)
    with precision(mixed=settings.mixed_precision):
        model = _compiled(fields, turn, settings, weights)
        kept = resume(model, checkpoint, asdict(settings)) or {"curves": []}
        curves: Curves = kept["curves"]
        for epoch in range(len(curves), settings.epochs):
            trained = _epoch(model, fields, turn, settings, epoch, progress)
            curves.append({**trained, **_judged(model, fields, turn, settings)})
            save(model, checkpoint, asdict(settings), {"curves": curves})
    return model, curves


def predict(model: keras.Model, pixels: Pictures, places: NDArray[np.intp], batch: int) -> Floats:
    """(n, classes) log probabilities of the fields at `places`; one batch is in memory at a time.

    Every batch has the same size, or the backend would compile again for the last one.
    """
    padded = np.resize(places, math.ceil(len(places) / batch) * batch)
    parts = [
        np.asarray(model.predict_on_batch(pixels[part].astype(np.float32)), np.float32)
        for part in padded.reshape(-1, batch)
    ]
    return log_softmax(np.concatenate(parts)[: len(places)])


def _compiled(
    fields: FieldSet, turn: Round, settings: FieldSettings, weights: Path | None
) -> keras.Model:
    model = build(
        settings.arch,
        settings.side,
        len(fields.classes),
        weights=weights,
        frozen=weights is not None,
    )
    steps = settings.epochs * math.ceil(len(turn.train) / settings.batch)
    model.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
        ),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def _epoch(
    model: keras.Model,
    fields: FieldSet,
    turn: Round,
    settings: FieldSettings,
    epoch: int,
    progress: Progress | None,
) -> dict[str, float]:
    """One pass; order and augmentation depend on seed and epoch only, so a resumed run is equal.

    Returns the means of loss and accuracy over the batches, each as it was before its step.
    """
    balance = _class_weights(fields, turn, settings)
    one_hot = np.eye(len(fields.classes), dtype=np.float32)
    batches = _batches(turn, settings, epoch)
    steps = []
    for number, places in enumerate(batches):
        rng = np.random.default_rng([settings.seed, epoch, number])
        pixels = augment(fields.pixels[places], RECIPES[settings.recipe], rng)
        label = fields.label[places]
        now = model.train_on_batch(
            pixels, one_hot[label], sample_weight=balance[label], return_dict=True
        )
        steps.append([float(now["loss"]), float(now["accuracy"])])
        if progress:
            share = (epoch + (number + 1) / len(batches)) / settings.epochs
            progress(share, f"epoch {epoch + 1} of {settings.epochs}, loss {steps[-1][0]:.3f}")
    loss, accuracy = np.mean(steps, axis=0)
    return {"loss": round(float(loss), 4), "accuracy": round(float(accuracy), 4)}


def _batches(turn: Round, settings: FieldSettings, epoch: int) -> NDArray[np.intp]:
    order = np.random.default_rng([settings.seed, epoch]).permutation(turn.train)
    whole = math.ceil(len(order) / settings.batch) * settings.batch
    return np.resize(order, whole).reshape(-1, settings.batch)


def _class_weights(fields: FieldSet, turn: Round, settings: FieldSettings) -> Floats:
    count = np.bincount(fields.label[turn.train], minlength=len(fields.classes))
    if not settings.class_weights:
        return np.ones(len(count), np.float32)
    weights: Floats = (count.sum() / (len(count) * np.maximum(count, 1))).astype(np.float32)
    return weights


def _judged(
    model: keras.Model, fields: FieldSet, turn: Round, settings: FieldSettings
) -> dict[str, float]:
    scores = predict(model, fields.pixels, turn.test, settings.batch)
    label = fields.label[turn.test]
    return {
        "test_loss": round(float(-scores[np.arange(len(label)), label].mean()), 4),
        "test_accuracy": round(float((scores.argmax(axis=1) == label).mean()), 4),
    }
