"""DenseNet201 as a fixed extractor of features, with one dense layer on its 1,920 numbers."""

from __future__ import annotations

from pathlib import Path

import keras

from inference.engine.zoo.densenet201 import WEIGHTS
from inference.engine.zoo.transfer import transfer


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = True
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits.

    The base is never trained, whatever `frozen` says: that is what makes it an extractor.
    """
    return transfer(
        keras.applications.DenseNet201,
        side,
        classes,
        file=WEIGHTS,
        weights=weights,
        frozen=True,
        pool="average",
    )
