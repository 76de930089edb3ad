"""The Keras model of a package: what training saved, and what every export is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference.engine.package import PackageInvalid, Part, load_weights

if TYPE_CHECKING:
    import keras


def cell_network(part: Part) -> keras.Model:
    """The network of a model of cells with its weights; its card names crops and classes.

    Raises `PackageInvalid` when weights and architecture do not belong together.
    """
    # Keras takes seconds to import and must stay out of web processes.
    from inference.engine.zoo.registry import build

    architecture, classes = part.card.architecture, part.card.classes
    try:
        model = build(architecture, part.card.crops.side, len(classes))
    except KeyError as unknown:
        raise PackageInvalid(str(unknown.args[0])) from None
    arrays = load_weights(part)
    if [array.shape for array in arrays] != [tuple(weight.shape) for weight in model.weights]:
        raise PackageInvalid(
            f"The weights of {part.name} do not fit the architecture {architecture} with "
            f"{len(classes)} classes."
        )
    model.set_weights(arrays)
    return model
