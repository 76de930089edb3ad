"""Who is told of an event, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts.models import User
from accounts.selectors.people import submitters_of
from cases.choices import CaseStatus, NoticeKind
from cases.models import Case, CriticalResult, Notice, NoticeChoice
from telepath.core.tasks import enqueue


def tell(
    people: Iterable[User],
    *,
    case: Case,
    kind: NoticeKind,
    event: str,
    critical: CriticalResult | None = None,
) -> list[str]:
    """Mail each of `people` once about `event`, but for those who do not want this kind.

    event: a key of what happened; saying the same again writes nothing. Call it in the transaction
    of what happened. Returns the names of those who are told.
    """
    wanted = _who_wants(list(people), kind)
    rows = [
        Notice(
            person=person,
            person_name=str(person)[:120],
            kind=kind,
            case=case,
            critical=critical,
            step=critical.step if critical else 0,
            event=event,
        )
        for person in wanted
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    kept = Notice.objects.filter(event=event, person__in=wanted).values_list("pk", flat=True)
    for pk in kept:
        enqueue("cases.tasks.send_notice", pk)
    return [row.person_name for row in rows]


def tell_sender(case: Case, *, kind: NoticeKind, event: str) -> list[str]:
    """Mail who submitted `case`; when she no longer sends for the clinic, everybody who does."""
    return tell(senders_of(case), case=case, kind=kind, event=event)


def senders_of(case: Case) -> Sequence[User]:
    """The person who submitted `case` last; all submitters of its clinic when that is nobody."""
    people = list(submitters_of(case.clinic))
    submitted = case.transitions.filter(to_status=CaseStatus.SUBMITTED).last()
    sender = submitted.actor_id if submitted else str(case.created_by_id or "")
    return [person for person in people if str(person.pk) == sender] or people


def _who_wants(people: Sequence[User], kind: NoticeKind) -> list[User]:
    refused = NoticeChoice.objects.filter(person__in=people, kind=kind, mail=False)
    without = set(refused.values_list("person_id", flat=True))
    return [person for person in people if person.pk not in without]
