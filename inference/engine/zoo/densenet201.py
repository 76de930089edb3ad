"""DenseNet201 (Huang 2017) as a classifier."""

from __future__ import annotations

from pathlib import Path

import keras

from inference.engine.zoo.transfer import transfer

WEIGHTS = "densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5"


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    return transfer(
        keras.applications.DenseNet201, side, classes, file=WEIGHTS, weights=weights, frozen=frozen
    )
