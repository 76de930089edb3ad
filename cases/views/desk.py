"""What a reader's desk needs besides cells and count: one scale, guesses, the tally."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cases.choices import ImageStatus
from cases.models import Case
from cases.selectors.cells import CellView, images_of
from cases.selectors.scale import tile_scale
from cases.views.pictures import Picture, usable
from inference.choices import CellClass, RunStatus
from inference.selectors import likeliest_types, runs_by_id
from telepath.core.ids import NIL


def tiles_context(case: Case, cells: Iterable[CellView]) -> dict[str, Any]:
    """The scale of all tiles, and for unidentified cells what each is most like. Three queries."""
    open_ = [cell.id for cell in cells if cell.suggested == CellClass.UNIDENTIFIED]
    return {"scale": tile_scale(images_of(case)), "guesses": likeliest_types(open_)}


def tally_context(case: Case, *, has_cells: bool, by_tally: bool) -> dict[str, Any]:
    """Whether the case may be counted by keys, and whether that is the first thing to do."""
    may = by_tally or not (has_cells and _has_result(case))
    return {"may_tally": may, "tally_first": by_tally or (may and not has_cells)}


def pictures_context(pictures: Sequence[Picture]) -> dict[str, Any]:
    """The strip of pictures in order: those to look at, and those that were refused."""
    refused = [one.image for one in pictures if one.image.status == ImageStatus.REFUSED]
    shown = (ImageStatus.READY, ImageStatus.REFUSED)
    film = [one for one in pictures if one.image.status in shown]
    return {"film": film, "refused": refused, "pictures": usable(pictures), "blank": NIL}


def _has_result(case: Case) -> bool:
    runs = runs_by_id(image.run_id for image in images_of(case) if image.run_id)
    return any(run.status == RunStatus.SUCCEEDED for run in runs.values())
