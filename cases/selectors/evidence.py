"""Why the model called a cell what it did: everything that was kept of it, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.actors import Actor
from cases.models import SmearImage
from cases.selectors.images import crop_window, image_of_cell
from inference.models import Cell

LABELS: Mapping[str, str] = {
    "area": "Cell area",
    "diameter": "Cell diameter",
    "circularity": "Cell circularity",
    "solidity": "Cell solidity",
    "nucleus_area": "Nucleus area",
    "nucleus_to_cytoplasm": "Nucleus to cytoplasm",
    "nucleus_share": "Nucleus to cell",
    "nucleus_circularity": "Nucleus circularity",
    "nucleus_solidity": "Nucleus solidity",
    "nucleus_pieces": "Nucleus pieces",
    "nucleus_density": "Nucleus optical density",
    "chromatin_contrast": "Chromatin contrast",
    "chromatin_homogeneity": "Chromatin homogeneity",
    "chromatin_entropy": "Chromatin entropy",
    "nucleoli": "Nucleoli (uncertain)",
}
_UNITS = {"px": "px", "px2": "px²", "um": "µm", "um2": "µm²", "bit": "bit", "1": ""}
_COUNTS = frozenset({"nucleus_pieces", "nucleoli"})
_TOO_SMALL = "too few pixels"


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One measure for people: its name, its value in words, its unit ("" for ratios)."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference cell that looks like this one; similarity: cosine, -1 to 1."""

    cell_class: str
    reference: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind one suggestion. Empty parts: the model gave none.

    weight: share in the field's decision, 0 to 1. types: probability of each cell type.
    map: rows of values 0 to 255, where in the cell the evidence for `map_class` lies; they cover a
    square around the middle of the cell's crop, `map_scale` times as long as the crop. nearest:
    the most similar first.
    """

    id: UUID
    number: int
    position: int
    suggested_label: str
    weight: float
    probabilities: Mapping[str, float]
    prediction_set: Sequence[str]
    types: Mapping[str, float]
    map: Sequence[Sequence[int]]
    map_class: str
    map_scale: float
    nearest: Sequence[Reference]
    morphology: Mapping[str, Mapping[str, Any]]

    @property
    def measures(self) -> list[MeasureView]:
        """The morphology as people read it."""
        return _measures(self.morphology)


def evidence_of(*, actor: Actor, cell_id: UUID) -> tuple[SmearImage, Evidence]:
    """The evidence for one cell, and its image. Two queries. Raises `NotThere`."""
    image, cell = image_of_cell(actor=actor, cell_id=cell_id)
    return image, _evidence(cell, image.position)


def _evidence(cell: Cell, position: int) -> Evidence:
    kept: Mapping[str, Any] = cell.evidence
    return Evidence(
        id=cell.id,
        number=cell.number,
        position=position,
        suggested_label=cell.label,
        weight=cell.weight,
        probabilities=cell.probabilities,
        prediction_set=cell.prediction_set,
        types=kept.get("types", {}),
        map=kept.get("map", []),
        map_class=kept.get("class", ""),
        map_scale=kept.get("span", 0) / crop_window(cell.width, cell.height),
        nearest=sorted(
            (
                Reference(row["class"], row["reference"], row["similarity"])
                for row in kept.get("nearest", [])
            ),
            key=lambda one: -one.similarity,
        ),
        morphology=cell.morphology,
    )


def _measures(kept: Mapping[str, Mapping[str, Any]]) -> list[MeasureView]:
    shown = [_measure(name, kept[name]) for name in LABELS if name in kept]
    # Only a measured nucleus can have been too small for them.
    if "nucleus_area" in kept and "nucleoli" not in kept:
        shown.append(MeasureView(LABELS["nucleoli"], _TOO_SMALL, ""))
    return shown


def _measure(name: str, kept: Mapping[str, Any]) -> MeasureView:
    value = float(kept["value"])
    places = 0 if name in _COUNTS or value >= 100 else 1 if value >= 10 else 2
    return MeasureView(LABELS[name], f"{value:.{places}f}", _UNITS.get(kept["unit"], kept["unit"]))
