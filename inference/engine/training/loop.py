"""The training loop: seeded, resumable after a kill, on any Keras 3 backend."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops
from inference.engine.training.augment import augment
from inference.engine.types import Floats, Progress
from inference.engine.zoo.registry import build


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """cells_per_field: drawn anew each epoch, so that crowded fields do not outweigh others."""

    arch: str = "cell_cnn"
    epochs: int = 10
    batch: int = 64
    cells_per_field: int = 5
    learning_rate: float = 2e-3
    label_smoothing: float = 0.05
    seed: int = 7


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """crops: (n, side, side, 3) uint8. label: (n,) class numbers. field: (n,) field numbers."""

    crops: Crops
    label: NDArray[np.int64]
    field: NDArray[np.int32]
    classes: int


def train(
    data: TrainingData,
    settings: TrainingSettings,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> keras.Model:
    """A model trained on `data`. With `checkpoint`, a killed run goes on at its last whole epoch.

    The same seed, data and backend give the same model, whether interrupted or not (up to the
    order of sums in the backend's own kernels).
    """
    keras.utils.set_random_seed(settings.seed)
    model = _compiled(data, settings)
    done = _resume(model, settings, checkpoint)
    for epoch in range(done, settings.epochs):
        batches = list(_epoch(data, settings, epoch))
        for number, (cells, label, weight) in enumerate(batches):
            loss = _step(model, data, settings, cells, label, weight, epoch, number)
            if progress:
                share = (epoch + (number + 1) / len(batches)) / settings.epochs
                progress(share, f"epoch {epoch + 1} of {settings.epochs}, loss {loss:.3f}")
        _save(model, settings, checkpoint, epoch + 1)
    return model


def _compiled(data: TrainingData, settings: TrainingSettings) -> keras.Model:
    model = build(settings.arch, data.crops.shape[1], data.classes)
    steps = settings.epochs * math.ceil(_draws(data, settings) / settings.batch)
    schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-4),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
    )
    return model


def _draws(data: TrainingData, settings: TrainingSettings) -> int:
    return int(np.minimum(np.bincount(data.field), settings.cells_per_field).sum())


def _step(
    model: keras.Model,
    data: TrainingData,
    settings: TrainingSettings,
    cells: NDArray[np.intp],
    label: NDArray[np.float32],
    weight: Floats,
    epoch: int,
    number: int,
) -> float:
    rng = np.random.default_rng([settings.seed, epoch, number])
    pixels = augment(data.crops[cells], rng)
    return float(np.asarray(model.train_on_batch(pixels, label, sample_weight=weight)).ravel()[0])


def _epoch(
    data: TrainingData, settings: TrainingSettings, epoch: int
) -> Iterable[tuple[NDArray[np.intp], NDArray[np.float32], Floats]]:
    """Batches of one epoch: cells, one-hot labels, weights that make classes count alike.

    The draw depends on seed and epoch only, so a resumed run sees the same cells.
    """
    rng = np.random.default_rng([settings.seed, epoch])
    order = rng.permutation(len(data.field))
    # Rank of each cell within its field, in the shuffled order.
    by_field = order[np.argsort(data.field[order], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(data.field[by_field]))])
    rank = np.arange(len(by_field)) - starts[data.field[by_field]]
    drawn = rng.permutation(by_field[rank < settings.cells_per_field])
    share = np.bincount(data.label[drawn], minlength=data.classes)
    balance = len(drawn) / (data.classes * np.maximum(share, 1))
    one_hot = np.eye(data.classes, dtype=np.float32)
    # All batches have the same size, or the backend would compile a second step.
    drawn = np.resize(drawn, math.ceil(len(drawn) / settings.batch) * settings.batch)
    for cells in drawn.reshape(-1, settings.batch):
        label = data.label[cells]
        yield cells, one_hot[label], balance[label].astype(np.float32)


def _save(
    model: keras.Model, settings: TrainingSettings, checkpoint: Path | None, epochs: int
) -> None:
    if checkpoint is None:
        return
    checkpoint.mkdir(parents=True, exist_ok=True)
    aside = checkpoint / "part.keras"
    model.save(aside)
    aside.replace(checkpoint / f"epoch-{epochs:03d}.keras")
    state = {"epochs": epochs, "settings": asdict(settings)}
    (checkpoint / "state.part").write_text(json.dumps(state))
    (checkpoint / "state.part").replace(checkpoint / "state.json")
    for old in checkpoint.glob("epoch-*.keras"):
        if old.name != f"epoch-{epochs:03d}.keras":
            old.unlink()


def _resume(model: keras.Model, settings: TrainingSettings, checkpoint: Path | None) -> int:
    """Load the last whole epoch into `model`; 0 when there is none for these settings."""
    if checkpoint is None or not (checkpoint / "state.json").is_file():
        return 0
    state = json.loads((checkpoint / "state.json").read_text())
    if state["settings"] != asdict(settings):
        return 0
    done = int(state["epochs"])
    kept = keras.saving.load_model(checkpoint / f"epoch-{done:03d}.keras")
    model.optimizer.build(model.trainable_variables)
    # `variables` holds more than the weights: dropout goes on with its own random state.
    pairs = [(model.variables, kept.variables)]
    pairs.append((model.optimizer.variables, kept.optimizer.variables))
    for mine, theirs in pairs:
        for variable, value in zip(mine, theirs, strict=True):
            variable.assign(value)
    return done


def logits(model: keras.Model, crops: Crops, *, batch: int = 256) -> Floats:
    """(n, classes) logits of crops as they are; used in evaluation, where n is fixed and large."""
    return np.asarray(model.predict(crops.astype(np.float32), batch_size=batch, verbose=0))
