"""The custom CNN of Reza 2024: 200, 150, 100 and 50 filters, heavy dropout.

The paper gives the first, second and last count of filters; the third is read from its "and so
on down". Padding is our choice.
"""

from __future__ import annotations

import keras
from keras import layers

from inference.lab.zoo.transfer import FEATURES, logits

DROPOUT = 0.8


def build(side: int, classes: int) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    picture = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="scale")(picture)
    x = layers.MaxPooling2D(4)(_convolution(x, 200))
    x = layers.Dropout(DROPOUT)(x)
    x = layers.MaxPooling2D(4)(_convolution(x, 150))
    x = layers.Dropout(DROPOUT)(_convolution(x, 100))
    x = layers.Flatten()(_convolution(x, 50))
    x = layers.Dense(256, activation="relu")(x)
    x = layers.BatchNormalization(name=FEATURES)(x)
    x = layers.Dropout(DROPOUT)(x)
    return keras.Model(picture, logits(x, classes), name="custom_cnn")


def _convolution(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
