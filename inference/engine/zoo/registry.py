"""The architectures by name. Importing this module does not load Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

Builder = Callable[[int, int], "keras.Model"]
"""(side of the input in pixels, number of classes) -> a model that returns logits."""

ARCHITECTURES: Mapping[str, str] = {
    "cell_cnn": "inference.engine.zoo.cell_cnn",
}
"""Name -> module with a function `build(side, classes)`."""


def build(name: str, side: int, classes: int) -> keras.Model:
    """The model called `name`: input (n, side, side, 3) in [0, 255], output (n, classes) logits.

    Raises `KeyError` with the known names.
    """
    if name not in ARCHITECTURES:
        raise KeyError(f"No architecture {name!r}. Known: {', '.join(sorted(ARCHITECTURES))}.")
    builder: Builder = import_module(ARCHITECTURES[name]).build
    return builder(side, classes)
