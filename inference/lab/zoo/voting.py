"""The ensemble of Sunitha and Pradeep as one model: the mean of three networks' probabilities.

A majority vote has no gradient, so this is the averaged vote; `votes` holds all three kinds for
networks that were trained apart.
"""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from inference.lab.zoo.bases import BASES, VOTERS
from inference.lab.zoo.transfer import transfer
from inference.lab.zoo.votes import LEAST


def build(
    side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """Input (n, side, side, 3) in [0, 255]; output (n, classes) logarithms of probabilities."""
    picture = keras.Input((side, side, 3), name="picture")
    shares = []
    for name in VOTERS:
        model = transfer(BASES[name], side, classes, weights=weights, frozen=frozen)
        model.name = name
        shares.append(layers.Softmax(dtype="float32")(model(picture)))
    mean = layers.Average(dtype="float32")(shares)
    return keras.Model(picture, keras.ops.log(keras.ops.maximum(mean, LEAST)), name="voting")
