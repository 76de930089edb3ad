"""The fastest forward pass that this machine offers for a Keras model.

`compile_model` takes a model in memory. `compile_part` takes a model package and converts it at
most once a machine: where an export is kept, neither Keras nor TensorFlow is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from inference.engine.package import Part
from inference.engine.serving.forward import OUTPUT, Forward, Outputs, WrongInput
from inference.engine.serving.kept import exports_folder

if TYPE_CHECKING:
    import keras

    from inference.engine.serving.exports import Build

__all__ = [
    "BATCHES",
    "OUTPUT",
    "Forward",
    "Outputs",
    "WrongInput",
    "compile_model",
    "compile_part",
    "gpu_is_visible",
]

BATCHES = (1, 2, 3, 4, 6, 8, 12, 16)
"""For crops of cells. On processors a picture costs the same in any batch, so little is padded,
and larger batches would only hold more memory."""
GPU_BATCHES = (8, 32, 128)
"""A GPU is filled by large batches, and hardly notices padding."""
DRIVERS = ("/dev/nvidiactl", "/dev/dxg")


def compile_model(model: keras.Model, *, batches: Sequence[int] | None = None) -> Forward:
    """A forward pass of `model`, which has one input of fixed or any size.

    batches: the sizes that are compiled, `BATCHES` or `GPU_BATCHES` unless told.
    """
    if gpu_is_visible():
        from inference.engine.serving.gpu import GpuForward

        return GpuForward(model, batches or GPU_BATCHES)
    from inference.engine.serving.cpu import CpuForward, write_ir

    with TemporaryDirectory(prefix="export-") as folder:
        write_ir(model, Path(folder))
        # Its weights are mapped into memory, and stay there when the file is gone.
        return CpuForward(Path(folder), batches or BATCHES)


def compile_part(part: Part, build: Build, *, batches: Sequence[int] | None = None) -> Forward:
    """A forward pass of the model in the package `part`, from its kept export where there is one.

    build: makes the Keras model with its weights; not called when an export is kept and whole.
    Raises `PackageInvalid`, also what `build` raises.
    """
    folder = exports_folder()
    if folder is None or gpu_is_visible():
        return compile_model(build(), batches=batches)
    from inference.engine.serving.exports import export, load

    return load(export(part, build, folder), batches or BATCHES)


def gpu_is_visible() -> bool:
    """Whether TensorFlow can use a GPU here."""
    # A file tells at once; TensorFlow would have to be imported to be asked.
    if not any(Path(driver).exists() for driver in DRIVERS):
        return False
    import keras

    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
