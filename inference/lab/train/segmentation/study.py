"""A training run of the U-Net; what it prepares is kept for the next."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from pathlib import Path

import keras
import numpy as np

from inference.engine.types import Progress
from inference.lab.data import samples, sources, weak
from inference.lab.data.samples import Sample
from inference.lab.data.scratch import Arrays, kept, recipe_of
from inference.lab.data.truth import listed_sha256
from inference.lab.train.checkpoint import precision
from inference.lab.train.segmentation.loop import (
    SegmentingData,
    SegmentingSettings,
    train_unet,
)


def collect(
    data: Path, cache: Path, *, limit: int | None = None, progress: Progress | None = None
) -> SegmentingData:
    """Samples of every source, at most `limit` of each; kept below `cache`.

    data: the folder that holds `truth.FOLDERS`. Raises `FileNotFoundError`.
    """
    digest = listed_sha256(data)
    tell = progress or (lambda share, words: None)
    made: dict[str, list[Sample]] = {}
    for number, (name, source) in enumerate(sources.SOURCES.items()):
        tell(number / len(sources.SOURCES), f"preparing {name}")
        most = min(source.most, limit or source.most)
        path = cache / f"{name}-{most}-{digest[:12]}-{_recipe()}.npz"
        made[name] = _samples(kept(path, partial(_made, source, data, most)))
    tell(1.0, "prepared")
    shares = {name: one.share for name, one in sources.SOURCES.items()}
    return SegmentingData(made, shares, digest)


def trained(
    data: SegmentingData,
    settings: SegmentingSettings,
    *,
    cache: Path,
    full_precision: bool = False,
    progress: Progress | None = None,
) -> keras.Model:
    """A trained U-Net, taken up below `cache` where a killed run stopped.

    full_precision: float32 throughout, about a third slower where the processor has bfloat16.
    """
    # A checkpoint is of these pictures only: others would be called learned without a look.
    checkpoint = cache / f"checkpoint-{data.sha256[:12]}-{_recipe()}"
    with precision(mixed=not full_precision):
        return train_unet(data, settings, checkpoint=checkpoint, progress=progress)


def _recipe() -> str:
    """Changes when the code that prepares pictures does."""
    return recipe_of(samples, sources, weak)


def _made(source: sources.Source, data: Path, most: int) -> Arrays:
    return {
        f"{number:05d}.{part.name}": np.asarray(getattr(sample, part.name))
        for number, sample in enumerate(source.make(data, most))
        for part in fields(Sample)
    }


def _samples(stored: Arrays) -> list[Sample]:
    return [
        Sample(
            stored[f"{number}.rgb"],
            stored[f"{number}.kind"],
            stored[f"{number}.depth"],
            stored[f"{number}.white"],
            float(stored[f"{number}.scale"]),
        )
        for number in sorted({name.split(".")[0] for name in stored})
    ]
