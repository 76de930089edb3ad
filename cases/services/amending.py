"""A signed case is taken up again to amend its report, or the amendment is given up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require
from cases.choices import CaseStatus
from cases.models import Case, CellCorrection, ReportVersion
from cases.selectors.cells import CellView, cells_of
from cases.services.review import AlreadyClaimed, lock_case, person, require_now
from cases.services.transitions import move


@transaction.atomic
def case_reopen(*, actor: Actor, case: Case) -> Case:
    """Take `case` up again, cells and count included, to sign an amended report.

    Everybody keeps reading the version before until the amendment is signed. Raises
    `AlreadyClaimed`, naming the reader who was faster.
    """
    require(actor, "case.reopen", case)
    return move(
        case,
        actor=actor,
        action="case.reopen",
        lost_race=AlreadyClaimed,
        assignee=person(actor),
        claimed_at=timezone.now(),
    )


@transaction.atomic
def case_abandon(*, actor: Actor, case: Case) -> Case:
    """Give the amendment up: cells, state and reader are again what the newest version says."""
    lock_case(case)
    require_now(actor, "case.abandon", case)
    newest: ReportVersion = case.reports.latest("number")
    restored = _restore(actor, case, json.loads(newest.document)["cells"])
    return move(
        case,
        actor=actor,
        action="case.abandon",
        to=_state_before(case),
        reason=f"{len(restored)} cells put back as signed" if restored else "",
        assignee=newest.signed_by,
        claimed_at=None,
    )


def _state_before(case: Case) -> str:
    reopened = case.transitions.filter(to_status=CaseStatus.AMENDING).latest("id")
    return reopened.from_status


def _restore(actor: Actor, case: Case, signed: Iterable[Mapping[str, Any]]) -> list[CellCorrection]:
    """Say of each cell again what the signed version says of it, in the name that stands there."""
    now = {str(cell.id): cell for cell in cells_of(case)}
    rows = [
        _as_signed(actor, case, now[cell["id"]], cell)
        for cell in signed
        if cell["id"] in now and not _agrees(now[cell["id"]], cell)
    ]
    return CellCorrection.objects.bulk_create(rows)


def _agrees(cell: CellView, signed: Mapping[str, Any]) -> bool:
    return (cell.effective, cell.corrected_by or None) == (signed["final"], signed["reader"])


def _as_signed(
    actor: Actor, case: Case, cell: CellView, signed: Mapping[str, Any]
) -> CellCorrection:
    said = {"case": case, "image_id": cell.image_id, "cell_id": cell.id}
    name = signed["reader"]
    earlier = CellCorrection.objects.filter(**said, reader_name=name).order_by("-id").first()
    return CellCorrection(
        **said,
        cell_class=signed["final"] if name else "",
        reader=earlier.reader if earlier else person(actor),
        reader_name=name or actor.name,
    )
