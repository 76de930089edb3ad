"""NASNet, the mobile size (Zoph 2018)."""

from __future__ import annotations

from pathlib import Path

import keras

from inference.engine.zoo.transfer import transfer

WEIGHTS = "nasnet_mobile_no_top.h5"


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    return transfer(
        keras.applications.NASNetMobile, side, classes, file=WEIGHTS, weights=weights, frozen=frozen
    )
