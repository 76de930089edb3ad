"""Who is told when nobody acknowledges."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import system
from accounts.models import User
from accounts.selectors.people import administrators_over, submitters_of
from accounts.services import audit
from cases.choices import ESCALATION, CriticalStatus, NoticeKind, Told
from cases.models import Case, CriticalResult
from cases.services.notices import tell
from cases.services.transitions import announce

WATCH = system("critical results")
_LAST = len(ESCALATION) - 1


def wait_of(case: Case) -> datetime.timedelta:
    """How long a step waits for somebody to acknowledge."""
    return datetime.timedelta(minutes=settings.CRITICAL_MINUTES[case.priority])


def tell_step(result: CriticalResult) -> list[str]:
    """Mail whoever is told at this step of `result`. A step with nobody in it is over at once."""
    people = {
        person.pk: person for told in ESCALATION[: result.step + 1] for person in _at(told, result)
    }
    if not _at(ESCALATION[result.step], result) and result.step < _LAST:
        CriticalResult.objects.filter(pk=result.pk).update(due_at=timezone.now())
    return tell(
        people.values(),
        case=result.case,
        kind=NoticeKind.CRITICAL,
        event=f"critical:{result.pk}:{result.step}",
        critical=result,
    )


def escalate_due() -> int:
    """Take the next step of each critical result that waited in vain. Returns how many."""
    due = CriticalResult.objects.filter(
        status=CriticalStatus.OPEN, due_at__lte=timezone.now()
    ).select_related("case__clinic", "report__signed_by")
    return sum(_escalate(result) for result in due.order_by("due_at"))


@transaction.atomic
def _escalate(result: CriticalResult) -> bool:
    """Each step once: whoever changes the row from the step that it read has taken it."""
    now, step = timezone.now(), result.step + 1
    again = now + wait_of(result.case) if step < _LAST else None
    held = CriticalResult.objects.filter(
        pk=result.pk, status=CriticalStatus.OPEN, step=result.step, due_at__lte=now
    )
    if not held.update(step=step, due_at=again):
        return False
    result.step, result.due_at = step, again
    told = tell_step(result)
    audit.record(
        actor=WATCH,
        action="critical.escalate",
        chain=result.case.clinic_id,
        obj=result.case,
        after={"step": step, "told": told},
    )
    announce(result.case, "critical.escalated", {"step": step})
    return True


def _at(told: Told, result: CriticalResult) -> Sequence[User]:
    clinic = result.case.clinic
    if told == Told.CLINIC:
        return list(submitters_of(clinic))
    if told == Told.READER:
        return [result.report.signed_by] if result.report.signed_by.is_active else []
    return list(administrators_over(clinic))
