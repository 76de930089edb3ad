"""The state of a training run after each whole epoch, so that a killed run goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

Curves = list[dict[str, float]]
"""One row an epoch."""


def save_epoch(
    model: keras.Model, folder: Path, settings: Mapping[str, Any], curves: Curves
) -> None:
    """Keep `model` as it is after `len(curves)` epochs; the epoch before it is dropped."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = _file(folder, len(curves))
    # Written aside and renamed: a kill in between leaves the epoch before as it was.
    aside = folder / "part.keras"
    model.save(aside)
    aside.replace(kept)
    state = folder / "state.part"
    state.write_text(json.dumps({"settings": dict(settings), "curves": curves}), "utf-8")
    state.replace(folder / "state.json")
    for old in folder.glob("epoch-*.keras"):
        if old != kept:
            old.unlink()


def resume(model: keras.Model, folder: Path, settings: Mapping[str, Any]) -> Curves:
    """Put the last whole epoch into the compiled `model`; no curves when there is none.

    A run of other settings is not gone on with.
    """
    if not (folder / "state.json").is_file():
        return []
    state = json.loads((folder / "state.json").read_text("utf-8"))
    if state["settings"] != dict(settings):
        return []
    curves: Curves = state["curves"]
    kept = keras.saving.load_model(_file(folder, len(curves)))
    model.optimizer.build(model.trainable_variables)
    # `variables` holds more than the weights: dropout goes on with its own random state.
    pairs = [(model.variables, kept.variables)]
    pairs.append((model.optimizer.variables, kept.optimizer.variables))
    for mine, theirs in pairs:
        for variable, value in zip(mine, theirs, strict=True):
            variable.assign(value)
    return curves


def _file(folder: Path, epochs: int) -> Path:
    return folder / f"epoch-{epochs:03d}.keras"
