"""A small network for single cells, quick enough to train on two processor cores."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

FILTERS: Sequence[int] = (24, 48, 64, 96)


def build(side: int, classes: int) -> keras.Model:
    """Input (n, side, side, 3) crops in [0, 255], 0 = background; output (n, classes) logits."""
    crop = keras.Input((side, side, 3), name="crop")
    x = layers.Rescaling(1 / 64.0, offset=-0.5, name="scale")(crop)
    x = _stage(x, FILTERS[0], kernel=5, strides=2)
    for filters in FILTERS[1:]:
        x = _stage(x, filters, kernel=3, strides=1)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(crop, layers.Dense(classes, name="logits")(x), name="cell_cnn")


def _stage(x: keras.KerasTensor, filters: int, *, kernel: int, strides: int) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)
