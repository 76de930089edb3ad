"""The whole-field architectures by name. Importing this module does not load Keras."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from inference.lab.zoo.bases import BASES
from inference.lab.zoo.presets import PRESETS, BuildRefused, Preset

if TYPE_CHECKING:
    import keras


def preset_of(name: str) -> Preset:
    """How a paper used the architecture `name`. Raises `KeyError` with the known names."""
    if name not in PRESETS:
        known = ", ".join(sorted(PRESETS))
        raise KeyError(f"No whole-field architecture {name!r}. Known: {known}.")
    return PRESETS[name]


def build(
    name: str, side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """The model called `name`: input (n, side, side, 3) in [0, 255], output (n, classes) logits.

    weights: folder with Keras's ImageNet files, None for random weights. frozen: leave the
    pretrained part as it is, as the papers do. Raises `KeyError` with the known names,
    `BuildRefused` for a side or weights that do not fit.
    """
    preset = preset_of(name)
    if side < preset.smallest_side:
        raise BuildRefused(f"{name} needs pictures of {preset.smallest_side} pixels or more.")
    if name in BASES:
        from inference.lab.zoo.transfer import transfer

        return transfer(BASES[name], side, classes, weights=weights, frozen=frozen)
    own = import_module(f"inference.lab.zoo.{name}")
    if preset.pretrained:
        voting: keras.Model = own.build(side, classes, weights=weights, frozen=frozen)
        return voting
    if weights is not None or frozen:
        raise BuildRefused(f"There are no ImageNet weights for {name}: train it from scratch.")
    model: keras.Model = own.build(side, classes)
    return model
