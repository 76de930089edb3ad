"""A training run of the U-Net; what it prepares is kept for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import keras
import numpy as np

from inference.engine.types import Progress
from inference.lab.data import samples, sources, weak
from inference.lab.data.recipe import recipe_of
from inference.lab.data.samples import Sample
from inference.lab.data.truth import listed_sha256
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
        kept = cache / f"{name}-{most}-{digest[:12]}-{_recipe()}.npz"
        if not kept.is_file():
            _write(kept, list(source.make(data, most)))
        made[name] = _read(kept)
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
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("float32" if full_precision else "mixed_bfloat16")
    try:
        # A checkpoint is of these pictures only: others would be called learned without a look.
        checkpoint = cache / f"checkpoint-{data.sha256[:12]}-{_recipe()}"
        return train_unet(data, settings, checkpoint=checkpoint, progress=progress)
    finally:
        keras.mixed_precision.set_global_policy(before)


def _recipe() -> str:
    """Changes when the code that prepares pictures does."""
    return recipe_of(samples, sources, weak)


def _write(path: Path, made: Sequence[Sample]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{number:05d}.{part.name}": np.asarray(getattr(sample, part.name))
        for number, sample in enumerate(made)
        for part in fields(Sample)
    }
    aside = path.with_suffix(".part.npz")
    np.savez_compressed(aside, allow_pickle=False, **arrays)
    aside.replace(path)


def _read(path: Path) -> list[Sample]:
    with np.load(path, allow_pickle=False) as stored:
        numbers = sorted({name.split(".")[0] for name in stored.files})
        return [
            Sample(
                stored[f"{number}.rgb"],
                stored[f"{number}.kind"],
                stored[f"{number}.depth"],
                stored[f"{number}.white"],
                float(stored[f"{number}.scale"]),
            )
            for number in numbers
        ]
