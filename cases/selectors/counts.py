"""How many cells stand in each group: of cells at hand, or of a case without reading its cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from cases.counting import group_of
from cases.models import Case, CellCorrection
from cases.selectors.cells import CellView, images_of
from inference.choices import CellClass
from inference.selectors import cells_of_runs

Pictures = defaultdict[UUID, Counter[str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Cells by group. pictures: the same of each picture that has any. unreviewed: unidentified
    ones that no human saw.

    by_tally: counted by a tally, which then is the whole count. drawn: cells in the pictures
    that such a count leaves out.
    """

    groups: Counter[str] = field(default_factory=Counter)
    pictures: Mapping[UUID, Counter[str]] = field(default_factory=dict)
    unreviewed: int = 0
    by_tally: bool = False
    drawn: int = 0


def counts_in(cells: Iterable[CellView], *, suggested: bool = False) -> Counts:
    """The counts of `cells`; with `suggested` as the model alone would have them."""
    pictures: Pictures = defaultdict(Counter)
    unreviewed = 0
    for cell in cells:
        if suggested and cell.origin != "model":
            continue
        group = _suggested_group(cell) if suggested else cell.group
        pictures[cell.image_id][group] += 1
        unreviewed += group == CellClass.UNIDENTIFIED and not cell.is_reviewed
    return Counts(_all(pictures), dict(pictures), unreviewed)


def counts_of_case(case: Case) -> Counts:
    """The counts of `case` as they stand. Five queries, none of which reads a cell.

    The database counts the model's cells by picture and class and, apart, those of which a human
    said anything; only these few facts come here, and the rule of `counting` is applied to each.
    """
    image_of = {image.run_id: image.pk for image in images_of(case) if image.run_id}
    drawn = _rows(case.hand_cells.all(), "image_id")
    pictures: Pictures = defaultdict(Counter)
    unreviewed = 0
    for image, row, number in [
        *_found(case, image_of),
        *((row["image_id"], row, row["cells"]) for row in drawn),
    ]:
        pictures[image][_group(row)] += number
        unreviewed += number * _is_open(row)
    groups, tally = _all(pictures), tally_of(case)
    if tally:
        return Counts(tally, by_tally=True, drawn=groups.total())
    return Counts(groups, dict(pictures), unreviewed)


def _all(pictures: Pictures) -> Counter[str]:
    return sum(pictures.values(), Counter())


def tally_of(case: Case) -> Counter[str]:
    """The tally of a case by class; empty where nothing was tallied, or all was taken back."""
    rows = case.tally.values("cell_class").annotate(total=Sum("delta")).order_by()
    return Counter({row["cell_class"]: row["total"] for row in rows if row["total"] > 0})


def _found(
    case: Case, image_of: Mapping[UUID, UUID]
) -> Iterator[tuple[UUID, Mapping[str, Any], int]]:
    """(picture, facts, cells): the model's as suggested, then moved to where a human put them."""
    cells = cells_of_runs(list(image_of)).order_by()
    spoken_of = CellCorrection.objects.filter(case=case).values("cell_id")
    facts = ("run_id", "cell_class", "is_cut")
    for row in cells.values(*facts).annotate(cells=Count("pk")):
        yield image_of[row["run_id"]], row, row["cells"]
    for row in _rows(cells.filter(pk__in=spoken_of), *facts):
        yield image_of[row["run_id"]], {**row, "said": "", "gone": False}, -row["cells"]
        yield image_of[row["run_id"]], row, row["cells"]


def _rows(cells: QuerySet[Any], *facts: str) -> list[dict[str, Any]]:
    """How many of `cells` share these facts and what the newest correction says of them."""
    word = CellCorrection.objects.filter(cell_id=OuterRef("pk")).order_by("-id")
    said = cells.order_by().annotate(
        said=Subquery(word.values("cell_class")[:1]), gone=Subquery(word.values("is_removed")[:1])
    )
    return list(said.values(*facts, "said", "gone").annotate(cells=Count("pk")))


def _group(row: Mapping[str, Any]) -> str:
    return group_of(
        suggested=row.get("cell_class", ""),
        said=row.get("said") or "",
        is_cut=row.get("is_cut", False),
        is_removed=bool(row.get("gone")),
    )


def _is_open(row: Mapping[str, Any]) -> bool:
    return _group(row) == CellClass.UNIDENTIFIED and not row.get("said")


def _suggested_group(cell: CellView) -> str:
    return group_of(suggested=cell.suggested or "", said="", is_cut=cell.is_cut, is_removed=False)
