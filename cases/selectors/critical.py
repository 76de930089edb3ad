"""Critical results as those see them who must act: what it is, who was told when, who knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.policy import may, reach_filter
from cases.choices import ESCALATION, CriticalStatus, Told
from cases.models import Case, CriticalResult, Notice

_LATE = ESCALATION.index(Told.READER)


@dataclass(frozen=True, slots=True)
class Critical:
    """The newest critical result of a case, with its mails in the order in which they were due.

    may_acknowledge: the actor is of the clinic. may_telephone: she is of the laboratory.
    """

    result: CriticalResult
    mails: Sequence[Notice]
    may_acknowledge: bool
    may_telephone: bool

    @property
    def is_open(self) -> bool:
        return self.result.status == CriticalStatus.OPEN

    @property
    def next_told(self) -> str:
        """Who is told next if nobody acknowledges; empty after the last step."""
        rest = ESCALATION[self.result.step + 1 :]
        return str(rest[0].label) if rest else ""


def critical_of(case: Case, actor: Actor) -> Critical | None:
    """None for a case without one. At most four queries."""
    results = CriticalResult.objects.filter(case=case).exclude(status=CriticalStatus.REPLACED)
    result = results.select_related("report").first()
    if result is None:
        return None
    is_open = result.status == CriticalStatus.OPEN
    return Critical(
        result=result,
        mails=list(result.notices.order_by("created_at", "person_name")),
        may_acknowledge=is_open and may(actor, "case.acknowledge", case),
        may_telephone=is_open and may(actor, "case.telephone", case),
    )


def open_criticals(actor: Actor) -> QuerySet[CriticalResult]:
    """What `actor` must act on now, the oldest first. One query.

    Of the clinic's people all of it; of a laboratory what its reader signed and nobody acknowledged
    in time; of all readers and administrators what came to the last step.
    """
    paths = CriticalResult.policy_paths
    own = reach_filter(actor, "case.acknowledge", paths)
    told = reach_filter(actor, "case.telephone", paths)
    mine = told & Q(step__gte=_LATE) & Q(report__signed_by=actor.user)
    overseen = told & Q(step__gt=_LATE)
    found = CriticalResult.objects.filter(own | mine | overseen, status=CriticalStatus.OPEN)
    return found.select_related("case__patient", "report").order_by("opened_at")
