"""The cells of a case: what the model suggested and what a reader said, never mixed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cases.models import Case, CellCorrection, SmearImage
from inference.choices import NOT_COUNTED, CellClass
from inference.models import Cell
from inference.selectors import cells_of_runs


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell for people.

    bbox: x, y, width, height; contour: [[x, y], ...]; both in pixels of the upright original.
    suggested: the model's differential class, None where it gave none; suggested_label: its own
    word for it ("Pre", "unsure"). corrected: what the newest reader said, None where nobody did.
    weight: share in the field's decision, 0 to 1.
    """

    id: UUID
    image_id: UUID
    position: int
    number: int
    bbox: tuple[int, int, int, int]
    contour: Sequence[Sequence[int]]
    suggested: str | None
    suggested_label: str
    probabilities: Mapping[str, float]
    prediction_set: Sequence[str]
    weight: float
    corrected: str | None = None
    corrected_by: str = ""
    corrected_at: datetime | None = None

    @property
    def effective(self) -> str:
        """The class that counts: the reader's where there is one, else the model's."""
        return self.corrected or self.suggested or CellClass.UNIDENTIFIED.value

    @property
    def is_reviewed(self) -> bool:
        """Whether a reader gave this cell a class, be it the suggested one."""
        return self.corrected is not None

    @property
    def is_counted(self) -> bool:
        """Whether it belongs to the white-cell count."""
        return self.effective not in NOT_COUNTED


def cells_of(case: Case) -> list[CellView]:
    """All cells of the latest analyses, in order of image and number. Three queries."""
    images = {image.run_id: image for image in _analysed(case)}
    newest = newest_corrections(case)
    views = [
        _view(cell, images[cell.run_id], newest.get(cell.id))
        for cell in _cells([run_id for run_id in images if run_id])
    ]
    return sorted(views, key=lambda view: (view.position, view.number))


def cells_of_image(image: SmearImage) -> list[CellView]:
    """The cells of one image, in order of their numbers. Two queries."""
    if image.run_id is None:
        return []
    newest = newest_corrections(image.case_id, image_id=image.pk)
    return sorted(
        (_view(cell, image, newest.get(cell.id)) for cell in _cells([image.run_id])),
        key=lambda view: view.number,
    )


def newest_corrections(
    case: Case | UUID, *, image_id: UUID | None = None
) -> dict[UUID, CellCorrection]:
    """The correction that holds for each cell; a cell set back to the suggestion is left out."""
    rows = CellCorrection.objects.filter(case=case)
    if image_id is not None:
        rows = rows.filter(image=image_id)
    newest = rows.order_by("cell_id", "-id").distinct("cell_id")
    return {row.cell_id: row for row in newest if row.cell_class}


def _cells(run_ids: Sequence[UUID]) -> QuerySet[Cell]:
    """Without the heavy columns: `selectors.evidence` reads those of one cell at a time."""
    return cells_of_runs(run_ids).defer("evidence", "morphology")


def _analysed(case: Case) -> Iterable[SmearImage]:
    return SmearImage.objects.filter(case=case, run_id__isnull=False).only(
        "id", "position", "run_id"
    )


def _view(cell: Cell, image: SmearImage, correction: CellCorrection | None) -> CellView:
    return CellView(
        id=cell.id,
        image_id=image.pk,
        position=image.position,
        number=cell.number,
        bbox=(cell.x, cell.y, cell.width, cell.height),
        contour=cell.contour,
        suggested=cell.cell_class or None,
        suggested_label=cell.label,
        probabilities=cell.probabilities,
        prediction_set=cell.prediction_set,
        weight=cell.weight,
        corrected=correction.cell_class if correction else None,
        corrected_by=correction.reader_name if correction else "",
        corrected_at=correction.at if correction else None,
    )
