"""ALLNET of Sampathila 2022, for single cells on black: blast or healthy.

The paper prints a flatten of 18,232; its own dense layer of 75,501,568 parameters proves 18,432.
The dropout rate is not printed: 0.5 is our choice.
"""

from __future__ import annotations

import keras
from keras import layers

from inference.lab.zoo.transfer import FEATURES, logits

DROPOUT = 0.5


def build(side: int, classes: int) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    picture = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="scale")(picture)
    x = _pool(_convolution(x, 64))
    x = _pool(_convolution(x, 256))
    for filters in (384, 512):
        x = layers.BatchNormalization()(_convolution(x, filters))
        x = layers.Dropout(DROPOUT)(_pool(x))
    x = layers.Flatten(name=FEATURES)(x)
    for _ in range(2):
        x = layers.Dropout(DROPOUT)(layers.Dense(4096, activation="relu")(x))
    return keras.Model(picture, logits(x, classes), name="allnet")


def _convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)


def _pool(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.MaxPooling2D(3, padding="same")(x)
