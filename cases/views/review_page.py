"""The page of a case for its readers: picture, cells, count; and the corrections made there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from cases.models import Case
from cases.selectors.cases import case_get
from cases.selectors.cells import CellView, cells_of
from cases.selectors.differential import differential_of
from cases.selectors.permitted import permitted
from cases.selectors.suggestion import suggestion_of_case
from cases.services.review import cells_correct as correct
from cases.views.pictures import pictures_of, usable
from inference.choices import NOT_COUNTED, CellClass
from telepath.core.errors import Invalid

TEMPLATE = "cases/case_review.html"
KEYS = dict(zip(CellClass.values, "1234567890x", strict=True))
"""The key of each class, in the order of the classes."""


@dataclass(frozen=True, slots=True)
class Group:
    """One class: its key, its count, its cells."""

    code: str
    label: str
    key: str
    counted: bool
    percent: str
    cells: list[CellView]


def context(actor: Actor, case: Case) -> dict[str, Any]:
    """Everything on the page. A fixed number of queries."""
    return {
        **cells_context(actor, case),
        "patient": case.patient,
        "pictures": usable(pictures_of(case)),
        "transitions": list(case.transitions.all()),
        "reports": list(case.reports.all()),
    }


def cells_context(actor: Actor, case: Case) -> dict[str, Any]:
    """The gallery and the count."""
    cells = cells_of(case)
    differential = differential_of(cells)
    return {
        "case": case,
        "can": permitted(actor, case),
        "differential": differential,
        "suggestion": suggestion_of_case(case),
        "groups": _groups(cells, {row.code: row.percent for row in differential.rows}),
        "total_cells": len(cells),
    }


def _groups(cells: list[CellView], percents: dict[str, str]) -> list[Group]:
    by_class: dict[str, list[CellView]] = {code: [] for code in CellClass.values}
    for cell in cells:
        by_class[cell.effective].append(cell)
    return [
        Group(
            code=code,
            label=str(CellClass(code).label),
            key=KEYS[code],
            counted=code not in NOT_COUNTED,
            percent=percents.get(code, ""),
            cells=members,
        )
        for code, members in by_class.items()
    ]


@require_GET
@signed_in
def case_cells(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: gallery and count as they are now."""
    actor = actor_of(request)
    return _cells(request, actor, case_get(actor=actor, pk=pk))


@require_POST
@signed_in
def cells_correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call cells by a class (empty: back to suggested); answers with the new gallery and count."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    correct(
        actor=actor,
        case=case,
        cell_ids=_cell_ids(request),
        cell_class=request.POST.get("cell_class", ""),
    )
    return _cells(request, actor, case)


def _cell_ids(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(one) for one in request.POST.getlist("cell")]
    except ValueError as error:
        raise Invalid("These cells are unknown. Nothing was changed; reload the page.") from error


def _cells(request: HttpRequest, actor: Actor, case: Case) -> HttpResponse:
    return render(request, "cases/fragments/cells.html", cells_context(actor, case))
