"""The page of a case for its readers: picture, cells, count; and the next cells of a group."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from cases.counting import COUNTED, CUT, GOALS, GROUPS, REMOVED
from cases.models import Case
from cases.selectors.cases import case_get
from cases.selectors.cells import CellView
from cases.selectors.differential import Differential, differential_of_case
from cases.selectors.gallery import Page, first_pages, next_page
from cases.selectors.messages import sentences_of
from cases.selectors.permitted import permitted
from cases.selectors.previous import previous_results
from cases.selectors.suggestion import suggestion_of_case
from cases.services.looking import case_seen
from cases.views.desk import pictures_context, tally_context, tiles_context
from cases.views.pictures import pictures_of
from inference.choices import CellClass
from telepath.core.snapshot import snapshot

TEMPLATE = "cases/case_review.html"
KEYS = dict(zip(CellClass.values, "1234567890x", strict=True))
"""The key of each class, in the order of the classes."""
_ORDER = [*(code for code in GROUPS if code not in (CUT, REMOVED)), CUT, REMOVED]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of cells: its key ("" where no cell is put by key), its number, its first cells.

    in_pictures: how many cells there are to look at; count: how many count for it.
    after: what to ask the next cells with, "" when all are here.
    """

    code: str
    label: str
    key: str
    counted: bool
    count: int
    percent: str
    cells: Sequence[CellView]
    after: str

    @property
    def left(self) -> int:
        """How many cells are still to be fetched."""
        return self.count - len(self.cells) if self.after else 0


@snapshot()
def context(actor: Actor, case: Case) -> dict[str, Any]:
    """Everything on the page, as of one moment. A fixed number of queries."""
    pictures = pictures_of(case)
    return {
        **cells_context(actor, case),
        **pictures_context(pictures),
        "patient": case.patient,
        "transitions": list(case.transitions.all()),
        "reports": list(case.reports.all()),
    }


@snapshot()
def cells_context(actor: Actor, case: Case, *, order: str = "number") -> dict[str, Any]:
    """The gallery, the first page of each group, and the count, as of one moment."""
    differential, pages = differential_of_case(case), first_pages(case, order=order)
    shown = [cell for page in pages.values() for cell in page.cells]
    return {
        **tiles_context(case, shown),
        **tally_context(case, has_cells=bool(shown), by_tally=differential.by_tally),
        "case": case,
        "can": permitted(actor, case),
        "differential": differential,
        "blasts_in": json.dumps({str(pk): n for pk, n in differential.blasts_in.items()}),
        "sentences": sentences_of(differential),
        "suggestion": suggestion_of_case(case),
        "groups": _groups(differential, pages),
        "previous": previous_results(actor=actor, case=case),
        "goals": GOALS,
        "total_cells": len(shown),
        "order": order,
    }


def _groups(differential: Differential, pages: Mapping[str, Page]) -> list[Group]:
    rows = {row.code: row for row in (*differential.rows, *differential.excluded)}
    nothing = Page((), "")
    return [
        Group(
            code=code,
            label=GROUPS[code],
            key=KEYS.get(code, ""),
            counted=code in COUNTED,
            count=rows[code].count,
            percent=rows[code].percent,
            cells=pages.get(code, nothing).cells,
            after=pages.get(code, nothing).after,
        )
        for code in _ORDER
    ]


@require_GET
@signed_in
def case_cells(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: the next cells of one `group`, after the cursor `after`; else gallery and count."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    case_seen(actor=actor, case=case)
    group, order = request.GET.get("group", ""), request.GET.get("order", "number")
    if not group:
        return render(
            request, "cases/fragments/cells.html", cells_context(actor, case, order=order)
        )
    page = next_page(case, group, request.GET.get("after", ""), order=order)
    context = {"case": case, "page": page, "code": group, "order": order}
    context |= tiles_context(case, page.cells)
    return render(request, "cases/fragments/tiles.html", context)
