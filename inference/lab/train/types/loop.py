"""The training loop of the type network: seeded, resumable after a kill."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops
from inference.engine.types import Floats, Progress
from inference.engine.zoo.registry import build
from inference.lab.train.checkpoint import precision, resume, save
from inference.lab.train.types.augment import varied

STRANGE_SHARE = 8


@dataclass(frozen=True, slots=True)
class TypeSettings:
    """mixed: convolutions in bfloat16, weights and logits in float32."""

    arch: str = "type_net"
    epochs: int = 30
    batch: int = 64
    learning_rate: float = 2e-3
    label_smoothing: float = 0.05
    mixed: bool = True
    seed: int = 7


@dataclass(frozen=True, slots=True, eq=False)
class TypeData:
    """views: (v, n, side, side, 3) uint8. label: (n,) class numbers.

    strangers: (m, side, side, 3) uint8 crops of cells of no class, for which the network must
    learn to be unsure; m may be 0. Source: Hendrycks et al., Deep Anomaly Detection with Outlier
    Exposure (2019).
    """

    views: Crops
    label: NDArray[np.int64]
    strangers: Crops


def train_types(
    data: TypeData,
    settings: TypeSettings,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> keras.Model:
    """A model trained on one view of each cell an epoch, and on strangers among them.

    With `checkpoint`, a killed run goes on at its last whole epoch.
    """
    model = _compiled(data, settings)
    done = resume(model, checkpoint, asdict(settings)) or {"epochs": 0}
    for epoch in range(int(done["epochs"]), settings.epochs):
        steps = _steps(data, settings)
        for number, (pixels, target, weight) in enumerate(_epoch(data, settings, epoch)):
            loss = _step(model, pixels, target, weight)
            if progress:
                share = (epoch + (number + 1) / steps) / settings.epochs
                progress(share, f"epoch {epoch + 1} of {settings.epochs}, loss {loss:.3f}")
        save(model, checkpoint, asdict(settings), {"epochs": epoch + 1})
    return model


def _steps(data: TypeData, settings: TypeSettings) -> int:
    return math.ceil(len(data.label) / settings.batch)


def _compiled(data: TypeData, settings: TypeSettings) -> keras.Model:
    keras.utils.set_random_seed(settings.seed)
    with precision(mixed=settings.mixed):
        model = build(settings.arch, data.views.shape[2], int(data.label.max()) + 1)
    steps = settings.epochs * _steps(data, settings)
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 10,
        steps,
        warmup_target=settings.learning_rate,
        warmup_steps=max(1, steps // 20),
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-3),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
    )
    return model


def _epoch(
    data: TypeData, settings: TypeSettings, epoch: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Batches of one epoch: pixels, target shares, weights that make classes count alike.

    The draw depends on seed and epoch only, so a resumed run sees the same crops.
    """
    rng = np.random.default_rng([settings.seed, epoch])
    share = np.bincount(data.label)
    # The square root: rare classes gain, and single pictures of theirs are not learnt by heart.
    balance = np.sqrt(len(data.label) / (len(share) * np.maximum(share, 1))).astype(np.float32)
    one_hot = np.eye(len(share), dtype=np.float32)
    # All batches have the same size, or the backend would compile a second step.
    order = np.resize(rng.permutation(len(data.label)), _steps(data, settings) * settings.batch)
    for cells in order.reshape(-1, settings.batch):
        crops = data.views[rng.integers(len(data.views), size=len(cells)), cells]
        label = data.label[cells]
        strange = _strangers(data, settings, rng)
        nobody = np.full((len(strange), len(share)), 1 / len(share), np.float32)
        yield (
            np.concatenate([varied(crops, rng), varied(strange, rng)]),
            np.concatenate([one_hot[label], nobody]),
            np.concatenate([balance[label], np.ones(len(strange), np.float32)]),
        )


def _strangers(data: TypeData, settings: TypeSettings, rng: np.random.Generator) -> Crops:
    """One for every `STRANGE_SHARE` cells of a batch."""
    number = settings.batch // STRANGE_SHARE if len(data.strangers) else 0
    return data.strangers[rng.integers(len(data.strangers) or 1, size=number)]


def _step(model: keras.Model, pixels: Floats, target: Floats, weight: Floats) -> float:
    loss = model.train_on_batch(pixels, target, sample_weight=weight)
    return float(np.asarray(loss).ravel()[0])


def type_logits(model: keras.Model, crops: Crops) -> Floats:
    """(n, side, side, 3) uint8 crops -> (n, types) float32, in the precision of the model."""
    return np.asarray(model.predict(crops.astype(np.float32), batch_size=256, verbose=0))
