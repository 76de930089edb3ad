"""The one way in which a case changes its state, and the one way in which others hear of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import ReadingAgreement
from accounts.services import audit
from cases.choices import ACTIONS, CaseStatus
from cases.models import Case, CaseTransition
from telepath.core.errors import Conflict
from telepath.core.events import publish
from telepath.core.states import move_row


class MovedOn(Conflict):
    """The case is no longer in a state from which this is possible."""

    def __init__(self, case: Case, to: str) -> None:
        now = CaseStatus(Case.objects.values_list("status", flat=True).get(pk=case.pk))
        super().__init__(
            f"Case {case.accession} is now '{now.label}', so it cannot become "
            f"'{CaseStatus(to).label}'. Nothing was changed; reload to see who did what.",
            code="moved_on",
        )


@transaction.atomic
def move(
    case: Case,
    *,
    action: str,
    actor: Actor,
    to: str = "",
    reason_code: str = "",
    reason: str = "",
    lost_race: Callable[[Case, str], Conflict] = MovedOn,
    **also: Any,
) -> Case:
    """Take `action`: to the state that `ACTIONS` names, with transition, audit and event.

    to: only for an action with two ends. also: set in the same UPDATE. Raises `lost_race(case, to)`
    when the row is in no state from which the action may be taken.
    """
    step = ACTIONS[action]
    to = to or step.to
    if to not in step.ends:
        raise ValueError(f"{action} does not lead to {to!r}")
    before = Case.objects.select_for_update().values_list("status", flat=True).get(pk=case.pk)
    if not move_row(case, field="status", old=step.sources, new=to, **also):
        raise lost_race(case, to)
    CaseTransition.objects.create(
        case=case,
        from_status=before,
        to_status=to,
        actor_name=actor.name,
        actor_id=actor.id,
        reason_code=reason_code,
        reason=reason,
    )
    audit.record(
        actor=actor,
        action=action,
        chain=case.clinic_id,
        obj=case,
        before={"status": before},
        after={"status": to, "reason_code": reason_code, "reason": reason},
    )
    announce(case, "case.status", {"status": to, "actor": actor.name})
    return case


def announce(case: Case, kind: str, payload: dict[str, Any]) -> None:
    """Publish an event to everyone who may see `case`. Keys and states only, no patient data."""
    content = {"case_id": str(case.pk), **payload}
    for audience in sorted(audiences_of(case)):
        publish(audience, kind, content)


def audiences_of(case: Case) -> list[str]:
    """The case's own audience, its clinic, and each laboratory that reads for the clinic."""
    laboratories = ReadingAgreement.objects.filter(clinic=case.clinic_id, is_active=True)
    organisations = [case.clinic_id, *laboratories.values_list("laboratory_id", flat=True)]
    return [case.audience, *(f"organisation:{pk}" for pk in organisations)]
