"""A signed case is taken up again to amend its report, or the amendment is given up."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require
from cases.choices import CaseStatus
from cases.models import Case, ReportVersion
from cases.services.reading import steps_take_back
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
    reopened = case.transitions.filter(to_status=CaseStatus.AMENDING).latest("id")
    restored = steps_take_back(actor=actor, case=case, since=reopened.at)
    return move(
        case,
        actor=actor,
        action="case.abandon",
        to=reopened.from_status,
        reason=f"{restored} cells put back as signed" if restored else "",
        assignee=newest.signed_by,
        claimed_at=None,
    )
