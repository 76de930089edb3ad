"""Which white cell is it: the types part of a field model, and the one rule that uses its word.

The type network was taught healthy and reactive cells, no blast. The field network was taught
blasts and lymphoid cells, no granulocyte. Neither may overrule the other where it is blind.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from inference.engine.crops import Crops
from inference.engine.package import Part
from inference.engine.pooling import softmax
from inference.engine.serving.runtime import Forward, compile_part
from inference.engine.serving.trained import cell_network
from inference.engine.types import UNIDENTIFIED, Floats

LYMPHOCYTE = "lymphocyte"

CELL_CLASS_OF: Mapping[str, str] = {
    "basophil": "basophil",
    "eosinophil": "eosinophil",
    "erythroblast": "erythroblast",
    "ig": "immature_granulocyte",
    "lymphocyte": LYMPHOCYTE,
    "monocyte": "monocyte",
    "neutrophil": "neutrophil",
    "platelet": "not_a_cell",
}
"""The differential's code for each type."""


def combined_class(field_code: str, type_code: str) -> str:
    """The differential's code for a cell, from what its two networks say.

    field_code: "blast", "lymphocyte" or "unidentified". type_code: see `CellTypes.name_of`.
    A blast is never lost silently: where the type network contradicts a blast, a human decides.
    """
    if type_code in (UNIDENTIFIED, LYMPHOCYTE):
        # To a network that knows no blast, a blast looks like a lymphocyte: no contradiction.
        return field_code
    return type_code if field_code == LYMPHOCYTE else UNIDENTIFIED


class CellTypes:
    """Names cells by type. Thread-safe after construction; one copy a process is enough."""

    def __init__(self, part: Part, forward: Forward) -> None:
        card = part.card
        self.part, self.classes, self.crops = part, card.classes, card.crops
        self.threshold = card.decision.threshold
        self._codes = tuple(card.cell_class_of[name] for name in card.classes)
        self._forward = forward

    def logits(self, crops: Crops) -> Floats:
        """(n, side, side, 3) uint8 crops -> (n, types) float32; n may be 0."""
        (values,) = self._forward(crops).values()
        return values

    def probabilities(self, crops: Crops) -> Floats:
        """(n, side, side, 3) uint8 crops as `cut_cells` gives them -> (n, types) float32."""
        return softmax(self.logits(crops) / self.part.card.decision.temperature).astype(np.float32)

    def by_code(self, probabilities: Floats) -> dict[str, float]:
        """One cell's (types,) probabilities by the differential's codes; shared codes add up."""
        found = dict.fromkeys(self._codes, 0.0)
        for code, probability in zip(self._codes, probabilities, strict=True):
            found[code] += float(probability)
        return {code: round(probability, 6) for code, probability in found.items()}

    def name_of(self, probabilities: Floats) -> str:
        """The differential's code for one cell's (types,) probabilities.

        "unidentified" where the most probable type stays below the card's threshold.
        """
        best = int(np.argmax(probabilities))
        return self._codes[best] if probabilities[best] >= self.threshold else UNIDENTIFIED


def load_cell_types(part: Part) -> CellTypes:
    """The types part with its network compiled. Raises `PackageInvalid` with a sentence."""
    return CellTypes(part, compile_part(part, lambda: cell_network(part)))
