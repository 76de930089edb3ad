"""A small residual network for naming single cells by type.

Residual blocks after He et al., Deep Residual Learning (2016), kept narrow: 27 million
multiply-adds for a crop of 48 pixels, 0.29 million weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

FILTERS: Sequence[int] = (32, 48, 96)


def build(side: int, classes: int) -> keras.Model:
    """Input (n, side, side, 3) crops in [0, 255], 0 = background; output (n, classes) logits."""
    crop = keras.Input((side, side, 3), name="crop")
    x = layers.Rescaling(1 / 64.0, offset=-0.5, name="scale")(crop)
    x = _unit(x, FILTERS[0], kernel=5, strides=2)
    for number, filters in enumerate(FILTERS):
        x = _unit(x, filters, strides=2) if number else x
        x = _block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    # float32 also under a mixed policy: a softmax over half-precision logits loses calibration.
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(crop, logits, name="type_net")


def _block(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    inner = _unit(_unit(x, filters), filters, last=True)
    return layers.Activation("relu")(layers.Add()([x, inner]))


def _unit(
    x: keras.KerasTensor, filters: int, *, kernel: int = 3, strides: int = 1, last: bool = False
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return x if last else layers.Activation("relu")(x)
