"""MobileNet, the first one (Howard 2017), which two papers print under the name "MobileNetV2"."""

from __future__ import annotations

from pathlib import Path

import keras

from inference.engine.zoo.transfer import transfer

WEIGHTS = "mobilenet_1_0_224_tf_no_top.h5"


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    return transfer(
        keras.applications.MobileNet, side, classes, file=WEIGHTS, weights=weights, frozen=frozen
    )
