"""The pictures of a report: those that the reader chose, or the best of each class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain, zip_longest
from uuid import UUID

from cases.choices import ImageStatus
from cases.counting import GROUPS
from cases.models import Case, PictureChoice, SmearImage
from cases.selectors.cells import CellView
from inference.choices import CellClass

PICTURED_CELLS = 12
OFFERED_OF_A_CLASS = 12
_FIRST = (CellClass.BLAST, CellClass.UNIDENTIFIED)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Cells in the order of printing, and one whole field. by_reader: chosen, not suggested."""

    cells: Sequence[CellView]
    field: SmearImage | None
    by_reader: bool


def pictures_of(case: Case, cells: Sequence[CellView]) -> Pictures:
    """What the report on `case` would carry if it were signed now.

    A chosen cell that has been taken away since, or belongs to an earlier analysis, is left out.
    """
    fields = list(case.images.filter(status=ImageStatus.READY))
    choice = PictureChoice.objects.filter(case=case).first()
    if choice is None:
        return Pictures(best_of_each_class(cells, fields), _richest(cells, fields), False)
    known = {str(cell.id): cell for cell in cells if not cell.is_removed}
    chosen = [known[one] for one in choice.cells if one in known]
    field = next((one for one in fields if one.pk == choice.field_id), None)
    return Pictures(_in_order(chosen), field, True)


def best_of_each_class(
    cells: Iterable[CellView], fields: Sequence[SmearImage], *, limit: int = PICTURED_CELLS
) -> list[CellView]:
    """Up to `limit` counted cells, the classes in turn, so that a rare class is not crowded out.

    Only whole cells, as long as there is one: a cell that the border cuts cannot be judged.
    """
    counted = [cell for cell in cells if cell.is_counted]
    sizes = {field.pk: (field.width, field.height) for field in fields}
    whole = [cell for cell in counted if _is_whole(cell, sizes)] or counted
    turns = zip_longest(*by_class(whole).values())
    return _in_order([cell for cell in chain(*turns) if cell is not None][:limit])


def by_class(cells: Iterable[CellView]) -> dict[str, list[CellView]]:
    """The best first within each class; blasts, unidentified, then the most frequent class."""
    groups: dict[str, list[CellView]] = defaultdict(list)
    for cell in cells:
        groups[cell.effective].append(cell)
    order = sorted(groups, key=lambda code: (code not in _FIRST, -len(groups[code]), code))
    order.sort(key=lambda code: _FIRST.index(code) if code in _FIRST else len(_FIRST))
    return {code: sorted(groups[code], key=_goodness) for code in order}


def _goodness(cell: CellView) -> tuple[bool, float, float, int, int]:
    """A human's word before a model's; then the surest, then what weighed most."""
    return not cell.is_reviewed, cell.doubt, -cell.weight, cell.position, cell.number


def _in_order(cells: Sequence[CellView]) -> list[CellView]:
    """Class by class, as they are printed."""
    return list(chain.from_iterable(by_class(cells).values()))


def _is_whole(cell: CellView, sizes: Mapping[UUID, tuple[int | None, int | None]]) -> bool:
    """Neither said to be cut nor touching the rim of its picture."""
    x, y, width, height = cell.bbox
    right, bottom = sizes.get(cell.image_id, (None, None))
    within = x > 0 and y > 0
    if right and bottom:
        within = within and x + width < right and y + height < bottom
    return within and not cell.is_cut


def _richest(cells: Iterable[CellView], fields: Sequence[SmearImage]) -> SmearImage | None:
    """The field with the most blasts, or else the most counted cells."""
    score: dict[object, list[int]] = {field.pk: [0, 0] for field in fields}
    for cell in cells:
        if cell.is_counted and cell.image_id in score:
            score[cell.image_id][0] += cell.effective == CellClass.BLAST
            score[cell.image_id][1] += 1
    return max(fields, key=lambda field: (*score[field.pk], -field.position), default=None)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the reader may choose from: the best of each class, each with whether it is chosen."""

    groups: Sequence[tuple[str, Sequence[tuple[CellView, bool]]]]
    fields: Sequence[SmearImage]
    pictures: Pictures


def offered(case: Case, cells: Sequence[CellView]) -> Offer:
    """The twelve best of each class, and whatever is chosen beside them."""
    pictures = pictures_of(case, cells)
    chosen = {cell.id for cell in pictures.cells}
    groups = [
        (GROUPS[code], [(one, one.id in chosen) for one in _offered_of(ranked, chosen)])
        for code, ranked in by_class(cell for cell in cells if not cell.is_removed).items()
    ]
    return Offer(groups, list(case.images.filter(status=ImageStatus.READY)), pictures)


def _offered_of(ranked: Sequence[CellView], chosen: Set[UUID]) -> list[CellView]:
    best, rest = ranked[:OFFERED_OF_A_CLASS], ranked[OFFERED_OF_A_CLASS:]
    return [*best, *(cell for cell in rest if cell.id in chosen)]
