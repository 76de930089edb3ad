"""ConvNet of Tusar 2024: 4 convolutions, 3 max-pools, 2 dropouts, flatten, dense.

The paper prints neither filters nor strides, and no plausible choice gives its 5,638,440
parameters. Chosen here for small machines: 45 million multiply-adds at 224 x 224.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from inference.lab.zoo.transfer import FEATURES, logits

FILTERS: Sequence[int] = (16, 32, 64, 96)
DROPOUT: Sequence[float] = (0.25, 0.5)


def build(side: int, classes: int) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logits."""
    picture = keras.Input((side, side, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="scale")(picture)
    for number, filters in enumerate(FILTERS[:3]):
        x = _convolution(x, filters, strides=1 if number else 2)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(DROPOUT[0])(x)
    x = _convolution(x, FILTERS[3], strides=1)
    x = layers.Flatten(name=FEATURES)(x)
    x = layers.Dropout(DROPOUT[1])(x)
    return keras.Model(picture, logits(x, classes), name="convnet")


def _convolution(x: keras.KerasTensor, filters: int, *, strides: int) -> keras.KerasTensor:
    return layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
