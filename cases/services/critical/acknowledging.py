"""Somebody of the clinic knows: she says so herself, or the laboratory says whom it told."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require
from accounts.services import audit
from cases.choices import CriticalStatus
from cases.models import Case, CriticalResult, UnreadReport
from cases.services.checks import required_text
from cases.services.transitions import announce
from telepath.core.errors import Conflict
from telepath.core.states import move_row


class NothingOpen(Conflict):
    """There is no critical result of this version to acknowledge, or somebody else was faster."""

    default_code = "nothing_open"


@transaction.atomic
def critical_acknowledge(*, actor: Actor, case: Case, report: int) -> CriticalResult:
    """Say, with one's name, that the clinic knows the result of version `report`.

    Saying it twice is saying it once. Raises `NothingOpen` when a later version was signed, which
    must be read first, or when somebody else said it before.
    """
    require(actor, "case.acknowledge", case)
    result = _end(actor, case, report, told_name="")
    UnreadReport.objects.filter(person=actor.user, report=result.report_id).delete()
    return result


@transaction.atomic
def critical_telephone(*, actor: Actor, case: Case, report: int, told_name: str) -> CriticalResult:
    """Note whom in the clinic the laboratory told of version `report` by telephone.

    Raises `Invalid` without a name, and `NothingOpen` as for an acknowledgement.
    """
    require(actor, "case.telephone", case)
    name = required_text(told_name, field="told_name", label="name of who was told", longest=120)
    return _end(actor, case, report, told_name=name)


def _end(actor: Actor, case: Case, report: int, *, told_name: str) -> CriticalResult:
    result = CriticalResult.objects.filter(case=case).select_related("report").first()
    if result is None or result.report.number != report:
        raise NothingOpen(
            f"Another version of the report of {case.accession} was signed meanwhile. Nothing was "
            "acknowledged; read the newest version first."
        )
    ended = {"ended_at": timezone.now(), "ended_by_name": actor.name[:120], "told_name": told_name}
    if not move_row(
        result,
        field="status",
        old=[CriticalStatus.OPEN],
        new=CriticalStatus.ACKNOWLEDGED,
        due_at=None,
        **ended,
    ):
        return _as_said_before(result, actor, told_name)
    audit.record(
        actor=actor,
        action="case.telephone" if told_name else "case.acknowledge",
        chain=case.clinic_id,
        obj=case,
        after={"report": report} | ({"told": told_name} if told_name else {}),
    )
    announce(case, "critical.acknowledged", {"report": report, "by_telephone": bool(told_name)})
    return result


def _as_said_before(result: CriticalResult, actor: Actor, told_name: str) -> CriticalResult:
    result.refresh_from_db()
    said = (CriticalStatus.ACKNOWLEDGED, actor.name[:120], told_name)
    if (result.status, result.ended_by_name, result.told_name) == said:
        return result
    at = timezone.localtime(result.ended_at).strftime("%H:%M on %d %B %Y")
    how = f" told {result.told_name} by telephone" if result.told_name else " acknowledged it"
    raise NothingOpen(f"{result.ended_by_name}{how} at {at}. Nothing more is needed.")
