"""The Keras model behind the analyser: loaded once, compiled once, one batch shape."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from inference.engine.crops import Crops
from inference.engine.package import ModelPackage, PackageInvalid, load_weights
from inference.engine.types import Floats
from inference.engine.zoo.registry import build

BATCH = 32


class CellClassifier:
    """Crops in, logits out. Thread-safe after construction; one copy a process is enough."""

    def __init__(self, package: ModelPackage) -> None:
        """Raises `PackageInvalid` when weights and architecture do not belong together."""
        self.classes = len(package.classes)
        self.side = package.crops.side
        self._forward = _compiled(_model(package), self.side)
        self._forward(np.zeros((BATCH, self.side, self.side, 3), np.uint8))

    def logits(self, crops: Crops) -> Floats:
        """(n, side, side, 3) uint8 crops -> (n, classes) float32; n may be anything."""
        if len(crops) == 0:
            return np.zeros((0, self.classes), np.float32)
        parts = [
            self._forward(_padded(crops[start : start + BATCH]))
            for start in range(0, len(crops), BATCH)
        ]
        return np.concatenate(parts)[: len(crops)]


def _model(package: ModelPackage) -> keras.Model:
    try:
        model = build(package.card["architecture"], package.crops.side, len(package.classes))
    except KeyError as unknown:
        raise PackageInvalid(str(unknown.args[0])) from None
    arrays = load_weights(package)
    shapes = [tuple(weight.shape) for weight in model.weights]
    if [array.shape for array in arrays] != shapes:
        raise PackageInvalid(
            f"The weights of {package.name} do not fit the architecture "
            f"{package.card['architecture']} with {len(package.classes)} classes."
        )
    model.set_weights(arrays)
    return model


def _compiled(model: keras.Model, side: int) -> Callable[[Crops], Floats]:
    """A forward pass of fixed shape; `predict` would rebuild its loop on every call."""
    if keras.backend.backend() != "tensorflow":
        return lambda crops: keras.ops.convert_to_numpy(
            model(crops.astype(np.float32), training=False)
        )
    import tensorflow as tf

    shape = tf.TensorSpec((BATCH, side, side, 3), tf.uint8)

    @tf.function(input_signature=[shape])
    def forward(crops: tf.Tensor) -> tf.Tensor:
        return model(tf.cast(crops, tf.float32), training=False)

    return lambda crops: forward(tf.constant(crops)).numpy()


def _padded(crops: Crops) -> Crops:
    missing = BATCH - len(crops)
    return np.pad(crops, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else crops
