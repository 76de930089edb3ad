"""Does an export answer as the trained model does? Asked on crops of real and drawn cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops
from inference.engine.package import FIELD, PackageInvalid, Part
from inference.engine.pooling import prediction_set, softmax
from inference.engine.serving.forward import OUTPUT, Forward, Outputs
from inference.engine.types import Floats

MOST_DIFFERENCE = 1e-3
"""Of a probability, or of a cell's share in its field."""
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Parity:
    """max_probability_difference: over all crops and classes. decisions_equal: on all crops."""

    max_probability_difference: float
    decisions_equal: bool
    crops: int

    @property
    def shown(self) -> bool:
        """Whether the export may stand in for the trained model."""
        close = self.max_probability_difference < MOST_DIFFERENCE
        return self.crops > 0 and close and self.decisions_equal


def parity(
    part: Part, reference: Callable[[NDArray[np.float32]], Outputs], forward: Forward, crops: Crops
) -> Parity:
    """Compare two forward passes of one network on (n, side, side, 3) uint8 crops.

    reference: the Keras model. Attention is compared as each cell's share among all the crops.
    """
    if len(crops) == 0:
        return Parity(0.0, True, 0)
    ours, theirs = forward(crops), _in_pieces(reference, crops)
    temperature = _temperature(part)
    one, other = (softmax(_logits(outputs) / temperature) for outputs in (ours, theirs))
    pairs = [(one, other)]
    if "attention" in ours:
        pairs.append((softmax(ours["attention"][:, 0]), softmax(theirs["attention"][:, 0])))
    difference = max(float(np.abs(a - b).max(initial=0)) for a, b in pairs)
    return Parity(difference, _decisions(part, one) == _decisions(part, other), len(crops))


def require(found: Parity, part: Part) -> Parity:
    """`found`, where the export may be used. Raises `PackageInvalid` with what is wrong."""
    if found.shown:
        return found
    decisions = "all decisions alike" if found.decisions_equal else "other decisions"
    raise PackageInvalid(
        f"The export of {part.edition} does not answer as the trained model does: on {found.crops} "
        f"cells, probabilities up to {found.max_probability_difference:.1g} apart (allowed: less "
        f"than {MOST_DIFFERENCE:g}), {decisions}. It must not be used on this machine."
    )


def _in_pieces(reference: Callable[[NDArray[np.float32]], Outputs], crops: Crops) -> Outputs:
    pieces = [
        reference(crops[start : start + AT_ONCE].astype(np.float32))
        for start in range(0, len(crops), AT_ONCE)
    ]
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _logits(outputs: Outputs) -> Floats:
    return outputs[OUTPUT] if OUTPUT in outputs else outputs["map"].mean(axis=(1, 2))


def _temperature(part: Part) -> float:
    decision = part.card.decision
    return decision.cell_temperature if part.card.kind == FIELD else decision.temperature


def _decisions(part: Part, probabilities: Floats) -> list[tuple[int, ...]]:
    decision = part.card.decision
    if part.card.kind == FIELD:
        return [prediction_set(row, decision.coverage) for row in probabilities]
    sure = probabilities.max(axis=1) >= decision.threshold
    return [
        (int(row.argmax()),) if one else () for row, one in zip(probabilities, sure, strict=True)
    ]
