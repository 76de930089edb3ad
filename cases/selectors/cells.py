"""The cells of a case: what the model suggested, what a reader said or drew, never mixed up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cases.counting import GROUPS, group_of, is_counted
from cases.models import Case, CellCorrection, HandCell, SmearImage
from inference.choices import CellClass
from inference.models import Cell
from inference.selectors import cells_of_runs

MODEL, HUMAN = "model", "human"


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell for people.

    bbox: x, y, width, height; contour: [[x, y], ...]; both in pixels of the upright original.
    suggested: the model's differential class, None where it gave none; suggested_label: its own
    word for it ("Pre", "unsure"). corrected: what the newest reader said, None where nobody did.
    weight: share in the field's decision; doubt: of what it is called by the model; 0 to 1.
    mpp: microns per pixel of its picture, None where unknown.
    origin: "model" or "human", whoever drew it. is_cut: by the border. is_removed: taken away.
    """

    id: UUID
    image_id: UUID
    position: int
    number: int
    bbox: tuple[int, int, int, int]
    contour: Sequence[Sequence[int]]
    suggested: str | None = None
    suggested_label: str = ""
    probabilities: Mapping[str, float] = field(default_factory=dict)
    prediction_set: Sequence[str] = ()
    weight: float = 0
    doubt: float = 0
    mpp: float | None = None
    origin: str = MODEL
    is_cut: bool = False
    is_removed: bool = False
    corrected: str | None = None
    corrected_by: str = ""
    corrected_at: datetime | None = None

    @property
    def effective(self) -> str:
        """What it is called: by the reader where there is one, else by the model."""
        return self.corrected or self.suggested or CellClass.UNIDENTIFIED.value

    @property
    def group(self) -> str:
        """Where it stands: its class, or "cut", or "removed"."""
        return group_of(
            suggested=self.suggested or "",
            said=self.corrected or "",
            is_cut=self.is_cut,
            is_removed=self.is_removed,
        )

    @property
    def label(self) -> str:
        """The words of `effective`."""
        return GROUPS[self.effective]

    @property
    def is_reviewed(self) -> bool:
        """Whether a reader gave this cell a class, be it the suggested one."""
        return self.corrected is not None

    @property
    def is_counted(self) -> bool:
        """Whether it belongs to the white-cell count."""
        return is_counted(self.group)


def cells_of(case: Case) -> list[CellView]:
    """All cells of the latest analyses and all drawn by hand, by image and number. Four queries."""
    images = images_of(case)
    views = _views(
        cells_of_runs(_runs(images)), case.hand_cells.all(), images, newest_corrections(case)
    )
    return sorted(views, key=lambda view: (view.position, view.number))


def cells_of_image(image: SmearImage) -> list[CellView]:
    """The cells of one image, in order of their numbers. Three queries."""
    drawn = HandCell.objects.filter(image=image)
    newest = newest_corrections(image.case_id, image=image.pk)
    views = _views(cells_of_runs(_runs([image])), drawn, [image], newest)
    return sorted(views, key=lambda view: view.number)


def cells_called(case: Case, ids: Collection[UUID]) -> dict[UUID, CellView]:
    """Those of the cells `ids` that belong to `case` as it was last analysed. Four queries."""
    images = images_of(case)
    found = cells_of_runs(_runs(images)).filter(pk__in=ids)
    drawn = case.hand_cells.filter(pk__in=ids)
    newest = newest_corrections(case, cell_id__in=ids)
    return {view.id: view for view in _views(found, drawn, images, newest)}


def newest_corrections(case: Case | UUID, **only: Any) -> dict[UUID, CellCorrection]:
    """The word that holds of each cell; a cell set back to the suggestion is left out."""
    rows = CellCorrection.objects.filter(case=case, **only)
    newest = rows.order_by("cell_id", "-id").distinct("cell_id")
    return {row.cell_id: row for row in newest if row.cell_class or row.is_removed}


def images_of(case: Case) -> list[SmearImage]:
    """The pictures of a case as far as their cells need them."""
    return list(
        SmearImage.objects.filter(case=case).only("id", "case_id", "position", "run_id", "mpp")
    )


def said_by(view: CellView, word: CellCorrection | None) -> CellView:
    """`view` with what the newest correction says of it."""
    if word is None:
        return replace(view, corrected=None, corrected_by="", corrected_at=None, is_removed=False)
    return replace(
        view,
        corrected=word.cell_class or None,
        corrected_by=word.reader_name,
        corrected_at=word.at,
        is_removed=word.is_removed,
    )


def view_of_hand_cell(cell: HandCell, image: SmearImage) -> CellView:
    """A cell that a reader drew, before anything was said of it."""
    return CellView(
        id=cell.pk,
        image_id=image.pk,
        position=image.position,
        mpp=image.mpp,
        number=cell.number,
        bbox=(cell.x, cell.y, cell.width, cell.height),
        contour=cell.outline,
        origin=HUMAN,
    )


def _views(
    found: QuerySet[Cell],
    drawn: QuerySet[HandCell],
    images: Iterable[SmearImage],
    newest: Mapping[UUID, CellCorrection],
) -> Iterable[CellView]:
    by_run = {image.run_id: image for image in images}
    by_id = {image.pk: image for image in images}
    # Without the heavy columns: `selectors.evidence` reads those of one cell at a time.
    for cell in found.defer("evidence", "morphology"):
        yield said_by(_view_of_cell(cell, by_run[cell.run_id]), newest.get(cell.pk))
    for one in drawn:
        yield said_by(view_of_hand_cell(one, by_id[one.image_id]), newest.get(one.pk))


def _view_of_cell(cell: Cell, image: SmearImage) -> CellView:
    return CellView(
        id=cell.pk,
        image_id=image.pk,
        position=image.position,
        mpp=image.mpp,
        number=cell.number,
        bbox=(cell.x, cell.y, cell.width, cell.height),
        contour=cell.contour,
        suggested=cell.cell_class or None,
        suggested_label=cell.label,
        probabilities=cell.probabilities,
        prediction_set=cell.prediction_set,
        weight=cell.weight,
        doubt=cell.doubt,
        is_cut=cell.is_cut,
    )


def _runs(images: Iterable[SmearImage]) -> list[UUID]:
    return [image.run_id for image in images if image.run_id]
