"""MobileNetV2 (Sandler 2018) under its right name."""

from __future__ import annotations

from pathlib import Path

import keras

from inference.engine.zoo.transfer import transfer

WEIGHTS = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    return transfer(
        keras.applications.MobileNetV2, side, classes, file=WEIGHTS, weights=weights, frozen=frozen
    )
