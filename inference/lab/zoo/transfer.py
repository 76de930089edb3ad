"""A base of `keras.applications`, ImageNet weights from a local folder, a small head on top."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from inference.lab.zoo.bases import Base
from inference.lab.zoo.presets import BuildRefused

FEATURES = "features"
"""Name of the layer whose output is the feature vector of a picture."""


def transfer(
    known: Base, side: int, classes: int, *, weights: Path | None, frozen: bool
) -> keras.Model:
    """Scaled to [0, 1], through the base, flattened, one dense layer: the papers' recipe.

    weights: folder that holds the base's ImageNet file. frozen: an extractor always is.
    """
    application = getattr(keras.applications, known.application)
    base = application(include_top=False, weights=None, input_shape=(side, side, 3))
    if weights is not None:
        load_base(base, weights / known.file)
    base.trainable = not (frozen or known.is_extractor)
    picture = keras.Input((side, side, 3), name="picture")
    x = base(layers.Rescaling(1 / 255, name="scale")(picture))
    vector = layers.GlobalAveragePooling2D if known.is_extractor else layers.Flatten
    return keras.Model(picture, logits(vector(name=FEATURES)(x), classes))


def logits(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """The last layer. Always float32: half precision would blur the probabilities."""
    return layers.Dense(classes, dtype="float32", name="logits")(x)


def feature_extractor(model: keras.Model) -> keras.Model:
    """The part of a model of this module that turns pictures into feature vectors (n, d)."""
    return keras.Model(model.input, model.get_layer(FEATURES).output)


def load_base(base: keras.Model, path: Path) -> None:
    """Put the ImageNet weights at `path` into `base`. Raises `BuildRefused` with a sentence."""
    if not path.is_file():
        raise BuildRefused(
            f"There is no {path.name} in {path.parent}. Put the file there under the name that "
            "Keras gives it, or leave the folder out to train from scratch."
        )
    try:
        base.load_weights(path)
    except (ValueError, KeyError, OSError):
        raise BuildRefused(f"{path.name} does not hold the weights of {base.name}.") from None
