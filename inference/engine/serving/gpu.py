"""Compiled TensorFlow: for machines where it sees a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.serving.forward import OUTPUT, Forward, Outputs

if TYPE_CHECKING:
    import keras


class GpuForward(Forward):
    """A Keras model as one compiled function for each batch size."""

    def __init__(self, model: keras.Model, sizes: Sequence[int]) -> None:
        import tensorflow as tf

        super().__init__(model.inputs[0].shape[1:], sizes)
        self._constant = tf.constant
        self._spec = tf.TensorSpec
        self._function = tf.function(lambda pictures: model(pictures, training=False))
        self._traced: dict[tuple[int, ...], Any] = {}

    def _run(self, pictures: NDArray[Any], size: int) -> Outputs:
        padded = np.zeros((size, *pictures.shape[1:]), np.float32)
        padded[: len(pictures)] = pictures
        if padded.shape not in self._traced:
            spec = self._spec(padded.shape, "float32")
            self._traced[padded.shape] = self._function.get_concrete_function(spec)
        answer = self._traced[padded.shape](self._constant(padded))
        named = answer if isinstance(answer, dict) else {OUTPUT: answer}
        return {
            name: np.asarray(value[: len(pictures)], np.float32) for name, value in named.items()
        }
