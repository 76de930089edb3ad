"""OpenVINO: the fastest runtime on processors, with float32 arithmetic.

Why not another: docs/decisions/0007-serving.md. Importing this module loads OpenVINO, not Keras.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inference.engine.serving.forward import OUTPUT, Forward, Outputs

if TYPE_CHECKING:
    import keras

RUNTIME = f"openvino-{ov.__version__.split('-')[0]}"
IR = "model.xml"
MOST_SHAPES = 12
"""Compiled at once; of a model that takes any picture size, the one unused longest is dropped."""


def write_ir(model: keras.Model, folder: Path) -> None:
    """Convert to `folder`/model.xml and model.bin, weights as float32."""
    model.export(str(folder / IR), format="openvino", verbose=False)


class CpuForward(Forward):
    """A converted model. Static shapes only: OpenVINO's memory grows with dynamic ones."""

    def __init__(self, folder: Path, sizes: Sequence[int]) -> None:
        """folder: what `write_ir` wrote to."""
        self._model = _core().read_model(folder / IR)
        lengths = list(self._model.input(0).get_partial_shape())[1:]
        super().__init__([None if n.is_dynamic else n.get_length() for n in lengths], sizes)
        self._names = [_name(output) for output in self._model.outputs]
        self._requests: OrderedDict[tuple[int, ...], ov.InferRequest] = OrderedDict()
        if None not in self.shape:
            for size in self.sizes:
                self._request((size, *(length or 0 for length in self.shape)))

    def _run(self, pictures: NDArray[Any], size: int) -> Outputs:
        request = self._request((size, *pictures.shape[1:]))
        # What a former call left in the padding is harmless: no row looks at another.
        request.get_input_tensor().data[: len(pictures)] = pictures
        request.infer()
        return {
            name: np.array(request.get_output_tensor(number).data[: len(pictures)], np.float32)
            for number, name in enumerate(self._names)
        }

    def bare(self, pictures: NDArray[Any]) -> Callable[[], object]:
        """The runtime alone on one batch of exactly these pictures: what serving may add to."""
        request = self._request(pictures.shape)
        request.get_input_tensor().data[:] = pictures
        infer: Callable[[], object] = request.infer
        return infer

    def _request(self, shape: tuple[int, ...]) -> ov.InferRequest:
        if shape not in self._requests:
            while len(self._requests) >= MOST_SHAPES:
                self._requests.popitem(last=False)
            self._model.reshape(list(shape))
            request = _core().compile_model(self._model, "CPU", _options()).create_infer_request()
            # Its buffers are touched now: a worker's memory is then known when it starts, and not
            # after the first field with very many cells.
            request.infer()
            self._requests[shape] = request
        self._requests.move_to_end(shape)
        return self._requests[shape]


@lru_cache(maxsize=1)
def _core() -> ov.Core:
    return ov.Core()


def _options() -> dict[str, str]:
    # Where a processor has bfloat16, OpenVINO would use it unasked, and miss the parity limit.
    return {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


def _name(output: ov.Output) -> str:
    """The key of a dictionary output; the converter calls a lone output "Identity:0"."""
    given = sorted(name for name in output.get_names() if ":" not in name and "/" not in name)
    return given[0] if given else OUTPUT
