"""The field network behind the analyser: crops of cells in, its scores of each cell out."""

from __future__ import annotations

import numpy as np

from inference.engine.crops import Crops
from inference.engine.package import ModelPackage, PackageInvalid
from inference.engine.serving.runtime import OUTPUT, Forward, Outputs, compile_part
from inference.engine.serving.trained import cell_network
from inference.engine.types import CellScores, Floats

MAP, ATTENTION, EMBEDDING = "map", "attention", "embedding"
"""The outputs of a network with evidence. One without returns only logits."""


class CellClassifier:
    """Crops in, scores out. Thread-safe after construction; one copy a process is enough."""

    def __init__(self, package: ModelPackage, forward: Forward | None = None) -> None:
        """forward: the compiled network; made here, or read from its kept export, without one.

        Raises `PackageInvalid` when weights and architecture do not belong together.
        """
        self.classes = len(package.classes)
        self._forward = forward or compile_part(package, lambda: cell_network(package))
        side = package.crops.side
        self._check(self._forward(np.zeros((0, side, side, 3), np.uint8)), package)

    def scores(self, crops: Crops) -> CellScores:
        """(n, side, side, 3) uint8 crops -> what the network says of n cells; n may be 0."""
        return scores_of(self._forward(crops))

    def _check(self, nothing: Outputs, package: ModelPackage) -> None:
        if not {OUTPUT, MAP} & set(nothing) or scores_of(nothing).logits.shape[1] != self.classes:
            raise PackageInvalid(
                f"The network of {package.name} does not return scores of its {self.classes} "
                "classes. Export the model again from its training."
            )


def scores_of(outputs: Outputs) -> CellScores:
    """What a network returned for n cells, in one form for both kinds of networks."""
    if OUTPUT in outputs:
        return _without_evidence(outputs[OUTPUT])
    evidence = outputs[MAP]
    return CellScores(
        logits=evidence.mean(axis=(1, 2)),
        attention=outputs[ATTENTION][:, 0],
        embedding=outputs[EMBEDDING],
        maps=evidence,
    )


def _without_evidence(logits: Floats) -> CellScores:
    count, classes = logits.shape
    return CellScores(
        logits=logits,
        attention=np.zeros(count, np.float32),
        embedding=np.zeros((count, 0), np.float32),
        maps=np.zeros((count, 0, 0, classes), np.float32),
    )
