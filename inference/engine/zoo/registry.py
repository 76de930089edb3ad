"""The architectures that a package may name. Importing this module does not load Keras."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import keras

Kind: TypeAlias = Literal["cell", "bag"]
"""What is judged: the crop of one cell, or the cells of a field together."""

ARCHITECTURES: Mapping[str, Kind] = {"cell_bank": "bag", "cell_cnn": "cell", "type_net": "cell"}
"""Modules beside this one, each with a function `build(side, classes)`."""


def names(kind: Kind) -> list[str]:
    """The architectures of one kind, sorted."""
    return sorted(name for name, known in ARCHITECTURES.items() if known == kind)


def build(name: str, side: int, classes: int) -> keras.Model:
    """The model called `name`: input (n, side, side, 3) in [0, 255], output (n, classes) logits.

    A "bag" returns a dict instead, see its module. Raises `KeyError` with the known names.
    """
    if name not in ARCHITECTURES:
        raise KeyError(f"No architecture {name!r}. Known: {', '.join(sorted(ARCHITECTURES))}.")
    model: keras.Model = import_module(f"inference.engine.zoo.{name}").build(side, classes)
    return model
