"""Why the model called a cell what it did: everything that was kept of it, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2
from typing import Any
from uuid import UUID

from accounts.actors import Actor
from cases.models import HandCell, SmearImage
from cases.selectors.images import crop_window, image_of_cell
from cases.selectors.morphology import WORDS, Kept, MeasureView, in_words, measures_of
from inference.models import Cell
from inference.selectors import cells_of_runs

UNINFORMATIVE = 0.9
"""Share of the greatest possible entropy from which on probabilities tell nothing apart."""
ALIKE = 0.05
"""Similarities closer together than this tell no class from another."""


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
    the most similar first. morphology: as measured. beside: the same of the whole cells of its
    picture. drawn_by: the reader who drew it, "" for a cell of the model's.
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
    morphology: Kept
    is_cut: bool = False
    beside: Sequence[Kept] = ()
    drawn_by: str = ""
    drawn_at: datetime | None = None

    @property
    def measures(self) -> list[MeasureView]:
        """The morphology as people read it."""
        return measures_of(self.morphology, self.beside)

    @property
    def in_words(self) -> str:
        """The cell beside the others of its picture, in a sentence."""
        return in_words(self.measures, self.beside)

    @property
    def types_tell(self) -> bool:
        """Whether the types are told apart at all."""
        return _tells(list(self.types.values()))

    @property
    def nearest_tell(self) -> bool:
        """Whether one class of reference cells is nearer than another."""
        alike = [one.similarity for one in self.nearest]
        return bool(alike) and (len(alike) == 1 or max(alike) - min(alike) >= ALIKE)


def evidence_of(*, actor: Actor, cell_id: UUID) -> tuple[SmearImage, Evidence]:
    """The evidence for one cell, and its image. Three queries. Raises `NotThere`."""
    image, cell = image_of_cell(actor=actor, cell_id=cell_id)
    if isinstance(cell, HandCell):
        return image, _drawn(cell, image.position)
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
        is_cut=cell.is_cut,
        beside=_beside(cell),
    )


def _drawn(cell: HandCell, position: int) -> Evidence:
    return Evidence(
        id=cell.pk,
        number=cell.number,
        position=position,
        suggested_label="",
        weight=0,
        probabilities={},
        prediction_set=(),
        types={},
        map=(),
        map_class="",
        map_scale=0,
        nearest=(),
        morphology={},
        drawn_by=cell.reader_name,
        drawn_at=cell.at,
    )


def _beside(cell: Cell) -> list[Kept]:
    """The comparable measures of the whole cells of the same picture, itself among them."""
    names = [f"morphology__{name}" for name in WORDS]
    rows = cells_of_runs([cell.run_id]).filter(is_cut=False).values_list(*names)
    return [
        {name: one for name, one in zip(WORDS, row, strict=True) if one is not None} for row in rows
    ]


def _tells(shares: Sequence[float]) -> bool:
    """Whether these probabilities say more than that anything is possible.

    Entropy over its greatest value. Source: Shannon, A mathematical theory of communication (1948).
    """
    if len(shares) < 2:
        return bool(shares)
    entropy = -sum(share * log2(share) for share in shares if share > 0)
    return entropy < UNINFORMATIVE * log2(len(shares))
