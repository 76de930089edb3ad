"""The architectures by name. Importing this module does not load Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from inference.engine.zoo import presets
from inference.engine.zoo.presets import Preset

if TYPE_CHECKING:
    import keras

Kind: TypeAlias = Literal["cell", "bag", "field", "segmentation"]
"""What is judged: the crop of one cell, the cells of a field together, a whole field; or pixels."""


class BuildRefused(ValueError):
    """A model cannot be built as asked; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """module: has a function `build(side, classes)`, of pretrained ones also `weights, frozen`.

    preset: how a paper used it, None for our own.
    """

    module: str
    kind: Kind
    preset: Preset | None = None


def _field(module: str, preset: Preset) -> Architecture:
    return Architecture(f"inference.engine.zoo.{module}", "field", preset)


ARCHITECTURES: Mapping[str, Architecture] = {
    "cell_bank": Architecture("inference.engine.zoo.cell_bank", "bag"),
    "cell_cnn": Architecture("inference.engine.zoo.cell_cnn", "cell"),
    "type_net": Architecture("inference.engine.zoo.type_net", "cell"),
    "convnet": _field("convnet", presets.CONVNET),
    "mobilenet": _field("mobilenet", presets.MOBILENET),
    "mobilenet_v2": _field("mobilenet_v2", presets.MOBILENET_V2),
    "resnet50": _field("resnet50", presets.RESNET50),
    "vgg19": _field("vgg19", presets.VGG19),
    "inception_v3": _field("inception_v3", presets.INCEPTION_V3),
    "nasnet_mobile": _field("nasnet_mobile", presets.NASNET_MOBILE),
    "densenet201": _field("densenet201", presets.DENSENET201),
    "densenet201_features": _field("densenet201_features", presets.DENSENET201_FEATURES),
    "xception": _field("xception", presets.XCEPTION),
    "custom_cnn": _field("custom_cnn", presets.CUSTOM_CNN),
    "allnet": _field("allnet", presets.ALLNET),
    "voting": _field("voting", presets.VOTING),
}


def names(kind: Kind) -> list[str]:
    """The architectures of one kind, sorted."""
    return sorted(name for name, known in ARCHITECTURES.items() if known.kind == kind)


def find(name: str) -> Architecture:
    """The architecture called `name`. Raises `KeyError` with the known names."""
    if name not in ARCHITECTURES:
        raise KeyError(f"No architecture {name!r}. Known: {', '.join(sorted(ARCHITECTURES))}.")
    return ARCHITECTURES[name]


def preset_of(name: str) -> Preset:
    """How a paper used the whole-field architecture `name`. Raises `KeyError` with their names."""
    known = ARCHITECTURES.get(name)
    if known is None or known.preset is None:
        fields = ", ".join(names("field"))
        raise KeyError(f"No whole-field architecture {name!r}. Known: {fields}.")
    return known.preset


def build(
    name: str, side: int, classes: int, *, weights: Path | None = None, frozen: bool = False
) -> keras.Model:
    """The model called `name`: input (n, side, side, 3) in [0, 255], output (n, classes) logits.

    A "bag" returns a dict instead, see its module. weights: folder with Keras's ImageNet files,
    None for random weights. frozen: leave the pretrained part as it is, as the papers do.
    Raises `KeyError` with the known names, `BuildRefused` for a side or weights that do not fit.
    """
    known = find(name)
    options: dict[str, Any] = {}
    if known.preset is not None:
        options = _checked(name, known.preset, side, weights, frozen)
    model: keras.Model = import_module(known.module).build(side, classes, **options)
    return model


def _checked(
    name: str, preset: Preset, side: int, weights: Path | None, frozen: bool
) -> dict[str, Any]:
    if side < preset.smallest_side:
        raise BuildRefused(f"{name} needs pictures of {preset.smallest_side} pixels or more.")
    if preset.pretrained:
        return {"weights": weights, "frozen": frozen}
    if weights is not None or frozen:
        raise BuildRefused(f"There are no ImageNet weights for {name}: train it from scratch.")
    return {}
