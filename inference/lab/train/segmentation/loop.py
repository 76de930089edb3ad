"""The training loop of the U-Net: seeded, resumable after a kill, patches made beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops

from inference.engine.types import Floats, Progress
from inference.engine.zoo import unet
from inference.lab.data.samples import Sample
from inference.lab.train.checkpoint import resume, save
from inference.lab.train.segmentation.patches import make_batch

SAVED_EVERY = 100
"""Steps between two checkpoints."""
WARM_UP = 50
"""Steps in which the learning rate rises."""
LEAST_STEPS = WARM_UP + 1


@dataclass(frozen=True, slots=True)
class SegmentingSettings:
    """steps: of `batch` patches of `side` x `side` pixels each."""

    filters: tuple[int, ...] = tuple(unet.FILTERS)
    steps: int = 3000
    batch: int = 16
    side: int = 128
    learning_rate: float = 3e-3
    seed: int = 7


@dataclass(frozen=True, slots=True, eq=False)
class SegmentingData:
    """samples: by source. shares: of the patches, by source; they add up to 1.

    sha256: of the list of pictures that they were made from.
    """

    samples: Mapping[str, Sequence[Sample]]
    shares: Mapping[str, float]
    sha256: str


def train_unet(
    data: SegmentingData,
    settings: SegmentingSettings,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> keras.Model:
    """A trained U-Net. With `checkpoint`, a killed run goes on at its last saved step."""
    keras.utils.set_random_seed(settings.seed)
    model = _compiled(settings)
    done = int((resume(model, checkpoint, asdict(settings)) or {"step": 0})["step"])
    mean = 0.0
    for step, (density, aim) in enumerate(_batches(data, settings, done), start=done + 1):
        loss = float(np.asarray(model.train_on_batch(density, aim)).ravel()[0])
        mean = loss if step == done + 1 else 0.98 * mean + 0.02 * loss
        if progress:
            progress(step / settings.steps, f"step {step} of {settings.steps}, loss {mean:.3f}")
        if step % SAVED_EVERY == 0 or step == settings.steps:
            save(model, checkpoint, asdict(settings), {"step": step})
    return model


def loss_of(aim: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Cross-entropy of the kind and of the depth plus Dice of the cell, where anything is known.

    aim: (n, h, w, 3) kind, depth, weight; logits: (n, h, w, 4) as the network gives them.
    Source of the Dice term: Milletari, Navab and Ahmadi, 3DV 2016.
    """
    logits = ops.cast(logits, "float32")
    kind, depth, weight = aim[..., 0], aim[..., 1], aim[..., 2]
    known = ops.sum(weight) + 1.0
    chosen = ops.one_hot(ops.cast(kind, "int32"), 3)
    log_share = ops.log_softmax(logits[..., :3], axis=-1)
    by_kind = -ops.sum(weight * ops.sum(chosen * log_share, axis=-1)) / known
    deep = logits[..., 3]
    by_depth = ops.sum(weight * (ops.softplus(deep) - depth * deep)) / known
    cell = (1.0 - ops.exp(log_share[..., 0])) * weight
    truth = ops.cast(kind > 0, "float32") * weight
    shared = ops.sum(cell * truth)
    dice = (2.0 * shared + 1.0) / (ops.sum(cell) + ops.sum(truth) + 1.0)
    return by_kind + by_depth + 0.5 * (1.0 - dice)


def _compiled(settings: SegmentingSettings) -> keras.Model:
    model = unet.build(settings.filters)
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20,
        settings.steps - WARM_UP,
        warmup_target=settings.learning_rate,
        warmup_steps=WARM_UP,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-4)
    # XLA compiles for minutes on a processor and gains nothing there.
    model.compile(optimizer=optimizer, loss=loss_of, jit_compile=False)
    return model


def _batches(
    data: SegmentingData, settings: SegmentingSettings, done: int
) -> Iterator[tuple[Floats, Floats]]:
    """Batches `done` + 1 to the last, each made in a thread while the one before is learned."""
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(_batch, data, settings, done + ahead) for ahead in range(2)]
        for step in range(done, settings.steps):
            yield waiting.pop(0).result()
            waiting.append(pool.submit(_batch, data, settings, step + 2))


def _batch(data: SegmentingData, settings: SegmentingSettings, step: int) -> tuple[Floats, Floats]:
    """Batch number `step`; depends on the seed and the number only, so a resumed run sees it."""
    rng = np.random.default_rng([settings.seed, step])
    names = sorted(data.samples)
    share = np.array([data.shares[name] for name in names])
    drawn = rng.choice(len(names), settings.batch, p=share / share.sum())
    chosen = [data.samples[names[int(number)]] for number in drawn]
    return make_batch(
        [samples[int(rng.integers(len(samples)))] for samples in chosen], settings.side, rng
    )
