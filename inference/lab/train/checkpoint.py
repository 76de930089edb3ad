"""The state of a training run in one file, so that a killed one goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.lab.data.scratch import read_arrays, write_arrays

NAME = "state.npz"
ABOUT = "about"


def save(
    model: keras.Model, folder: Path | None, settings: Mapping[str, Any], state: Mapping[str, Any]
) -> None:
    """Keep the compiled `model` and how far it has come; `folder` None: nothing is kept."""
    if folder is None:
        return
    about = json.dumps({"settings": settings, "state": state})
    values = {f"{number:05d}": np.asarray(one) for number, one in enumerate(_variables(model))}
    write_arrays(folder / NAME, {**values, ABOUT: np.array(about)})


def resume(
    model: keras.Model, folder: Path | None, settings: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Put what was kept into the compiled `model` and return its state.

    None when there is nothing, or of other settings, which is not gone on with.
    """
    if folder is None or not (folder / NAME).is_file():
        return None
    stored = read_arrays(folder / NAME)
    about = json.loads(str(stored.pop(ABOUT)))
    if about["settings"] != json.loads(json.dumps(settings)):
        return None
    for variable, value in zip(_variables(model), stored.values(), strict=True):
        variable.assign(value)
    return dict(about["state"])


def _variables(model: keras.Model) -> list[keras.Variable]:
    """More than the weights: dropout goes on with its own random state."""
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


@contextmanager
def precision(*, mixed: bool) -> Iterator[None]:
    """Models built inside compute in bfloat16 where `mixed`; their weights are float32 always."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
