"""From the scores of a field's cells to what is said of each: label, type, weight, evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.cell_types import CellTypes, combined_class
from inference.engine.evidence import References, scaled_map
from inference.engine.morphology import Shape
from inference.engine.package import ModelPackage
from inference.engine.pooling import prediction_set, softmax
from inference.engine.types import (
    INSUFFICIENT,
    UNIDENTIFIED,
    UNSURE,
    CellCount,
    CellFinding,
    CellScores,
    Floats,
    NearestCell,
)


@dataclass(frozen=True, slots=True, eq=False)
class CellReader:
    """Reads the scores of cells with the calibration and the parts of one model."""

    package: ModelPackage
    types: CellTypes | None = None
    references: References | None = None

    def read(
        self,
        shapes: list[Shape],
        scores: CellScores,
        weights: Floats,
        whole: NDArray[np.bool_],
        types: Floats | None,
    ) -> list[CellFinding]:
        """One finding a cell. weights: (n,). whole: (n,), false for a cell that the border cuts.

        types: (n, types) probabilities, None without any.
        """
        decision = self.package.decision
        probabilities = softmax(scores.logits / decision.cell_temperature)
        near: list[list[NearestCell]] = [[] for _ in shapes]
        if self.references is not None and shapes:
            near = self.references.nearest(scores.embedding)
        return [
            self._finding(
                number,
                shapes[number],
                probabilities[number],
                float(weights[number]),
                bool(whole[number]),
                scores.maps[number],
                None if types is None else types[number],
                near[number],
            )
            for number in range(len(shapes))
        ]

    def set_of(self, probabilities: Floats, coverage: float) -> tuple[str, ...]:
        """The prediction set by name, the most probable class first."""
        chosen = prediction_set(probabilities, coverage)
        return tuple(self.package.classes[index] for index in chosen)

    def named(self, probabilities: Floats | None) -> dict[str, float]:
        """Probabilities by class; empty for None."""
        if probabilities is None:
            return {}
        return _named(self.package.classes, probabilities)

    def _finding(
        self,
        number: int,
        shape: Shape,
        probabilities: Floats,
        weight: float,
        is_whole: bool,
        evidence: Floats,
        types: Floats | None,
        near: list[NearestCell],
    ) -> CellFinding:
        chosen = self.set_of(probabilities, self.package.decision.cell_coverage)
        code, named = self._cell_class(chosen, types), self._types_named(types)
        return CellFinding(
            id=number + 1,
            bbox=shape.bbox,
            area_px=shape.area_px,
            contour=shape.contour,
            label=decision_of(chosen),
            cell_class=code,
            probabilities=self.named(probabilities),
            prediction_set=chosen,
            weight=round(weight, 6),
            morphology=shape.measures,
            type_probabilities=named,
            evidence_map=scaled_map(evidence[..., self.package.classes.index(chosen[0])]),
            nearest=near,
            is_cut=not is_whole,
            doubt=round(1 - min(_chances(code, self._codes_of(probabilities), named)), 4),
        )

    def _cell_class(self, chosen: tuple[str, ...], types: Floats | None) -> str:
        """The code that all classes of the set share: unsure which blast is still a blast."""
        codes = {self.package.cell_class_of[name] for name in chosen}
        code = codes.pop() if len(codes) == 1 else UNIDENTIFIED
        if self.types is None or types is None:
            return code
        return combined_class(code, self.types.name_of(types))

    def _codes_of(self, probabilities: Floats) -> dict[str, float]:
        """Probabilities by the differential's codes; classes that share one add up."""
        found = dict.fromkeys(self.package.cell_class_of.values(), 0.0)
        for name, share in zip(self.package.classes, probabilities, strict=True):
            found[self.package.cell_class_of[name]] += float(share)
        return found

    def _types_named(self, types: Floats | None) -> dict[str, float]:
        if self.types is None or types is None:
            return {}
        return self.types.by_code(types)


def decision_of(chosen: tuple[str, ...]) -> str:
    """What a prediction set decides: its one class, unsure, or nothing."""
    if not chosen:
        return INSUFFICIENT
    return chosen[0] if len(chosen) == 1 else UNSURE


def count_cells(cells: Sequence[CellFinding], classes: Sequence[str]) -> CellCount:
    """White cells, blasts, cells of each class of the model, and those it is unsure of."""
    labels = Counter(cell.label for cell in cells)
    return CellCount(
        white_cells=len(cells),
        blasts=sum(cell.cell_class == "blast" for cell in cells),
        by_class={name: labels[name] for name in classes},
        unsure=labels[UNSURE],
    )


def _chances(code: str, *said: Mapping[str, float]) -> list[float]:
    """How probable `code` is to each network that knows it; of an open cell, its likeliest code."""
    if code == UNIDENTIFIED:
        return [max(one.values()) for one in said if one]
    return [one[code] for one in said if code in one] or [0.0]


def _named(classes: Sequence[str], probabilities: Floats) -> dict[str, float]:
    return {
        name: round(float(value), 6) for name, value in zip(classes, probabilities, strict=True)
    }
