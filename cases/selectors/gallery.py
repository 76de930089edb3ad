"""The cells of a case by group, page by page: a case of 10,000 cells sends one screen of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cases.counting import GROUPS, group_of
from cases.models import Case, CellCorrection
from cases.selectors.cells import CellView, cells_called, images_of, newest_corrections
from inference.selectors import cells_of_runs
from telepath.core.errors import Invalid

PAGE = 60
"""Cells of one group at a time."""


@dataclass(frozen=True, slots=True)
class Spot:
    """As much of a cell as its place in the gallery needs."""

    id: UUID
    position: int
    number: int
    group: str
    weight: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Page:
    """Some cells of a group in order. after: what to ask the next page with, "" at the end."""

    cells: Sequence[CellView]
    after: str


ORDERS: Mapping[str, Callable[[Spot], tuple[float, int, int]]] = {
    "number": lambda spot: (0.0, spot.position, spot.number),
    "weight": lambda spot: (-spot.weight, spot.position, spot.number),
    "doubt": lambda spot: (-spot.doubt, spot.position, spot.number),
}
"""How a group may be walked through; each key is unique in its case."""


def first_pages(case: Case, *, order: str = "number") -> dict[str, Page]:
    """The first page of each group that has cells. Seven queries, however many cells."""
    key = _key(order)
    groups: dict[str, list[Spot]] = defaultdict(list)
    for spot in sorted(_spots(case), key=key):
        groups[spot.group].append(spot)
    chosen = {code: spots[:PAGE] for code, spots in groups.items()}
    views = cells_called(case, [spot.id for spots in chosen.values() for spot in spots])
    return {code: _page(chosen[code], len(spots), views, key) for code, spots in groups.items()}


def next_page(case: Case, group: str, after: str, *, order: str = "number") -> Page:
    """The cells of `group` that follow `after`, a cursor of the page before ("" begins).

    A cursor names a place, not a cell: it holds although the cell there has gone elsewhere.
    """
    if group not in GROUPS:
        raise Invalid(f"There is no group of cells called '{group}'.", field="group")
    key = _key(order)
    spots = sorted((spot for spot in _spots(case) if spot.group == group), key=key)
    if after:
        place = _place(after)
        spots = [spot for spot in spots if key(spot) > place]
    shown = spots[:PAGE]
    return _page(shown, len(spots), cells_called(case, [spot.id for spot in shown]), key)


def _page(
    spots: Sequence[Spot],
    left: int,
    views: Mapping[UUID, CellView],
    key: Callable[[Spot], tuple[float, int, int]],
) -> Page:
    last = key(spots[-1]) if len(spots) < left else None
    cells = [views[spot.id] for spot in spots if spot.id in views]
    return Page(cells, "_".join(map(str, last)) if last else "")


def _spots(case: Case) -> Iterable[Spot]:
    """Every cell, without what it looks like. Four queries."""
    images = images_of(case)
    by_run = {image.run_id: image.position for image in images if image.run_id}
    by_image = {image.pk: image.position for image in images}
    words = newest_corrections(case)
    facts = ("pk", "run_id", "number", "cell_class", "is_cut", "weight", "doubt")
    found = cells_of_runs(by_run).order_by().values_list(*facts)
    for pk, run, number, suggested, is_cut, weight, doubt in found:
        group = _group(words.get(pk), suggested, is_cut)
        yield Spot(pk, by_run[run], number, group, weight, doubt)
    for pk, image, number in case.hand_cells.values_list("pk", "image_id", "number"):
        yield Spot(pk, by_image[image], number, _group(words.get(pk)), 0.0, 0.0)


def _group(word: CellCorrection | None, suggested: str = "", is_cut: bool = False) -> str:
    return group_of(
        suggested=suggested,
        said=word.cell_class if word else "",
        is_cut=is_cut,
        is_removed=bool(word and word.is_removed),
    )


def _key(order: str) -> Callable[[Spot], tuple[float, int, int]]:
    try:
        return ORDERS[order]
    except KeyError:
        raise Invalid(f"Cells cannot be ordered by '{order}'.", field="order") from None


def _place(cursor: str) -> tuple[float, int, int]:
    try:
        first, position, number = cursor.split("_")
        return float(first), int(position), int(number)
    except ValueError:
        raise Invalid("This page of cells is unknown. Reload the page.", field="after") from None
