"""Taking a case, giving it back, handing it to somebody."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.actors import Actor, actor_of_user
from accounts.models import User
from accounts.policy import may, require, require_somewhere
from accounts.services import audit
from cases.choices import ACTIONS, IN_HAND, CaseStatus, NoticeKind
from cases.models import Case
from cases.services.notices import tell
from cases.services.transitions import MovedOn, announce, move
from telepath.core.errors import Conflict, Invalid, NotAllowed

_JUST_NOW = timedelta(minutes=1)


class AlreadyClaimed(Conflict):
    """Another reader was faster, or the case has left the queue."""

    def __init__(self, case: Case, to: str) -> None:
        now = Case.objects.select_related("assignee").get(pk=case.pk)
        if now.status not in IN_HAND or now.assignee is None:
            super().__init__(MovedOn(case, to).message, code="moved_on")
            return
        super().__init__(f"{now.assignee} took this case {_ago(now)}.", code="already_claimed")


class NotAReader(Invalid):
    """The same for everybody else, known or not: numbers and names are not to be fished for."""

    def __init__(self) -> None:
        super().__init__(
            "This person does not read for this clinic. Choose another.", field="reader"
        )


@transaction.atomic
def case_claim(*, actor: Actor, case: Case) -> Case:
    """Take `case` for reading. Raises `AlreadyClaimed`, naming the reader who was faster."""
    require(actor, "case.claim", case)
    return _hand_over(case, actor=actor, action="case.claim", reader=person(actor))


@transaction.atomic
def case_release(*, actor: Actor, case: Case) -> Case:
    """Give `case` back to the queue. Corrections stay, and so does who made them."""
    lock_case(case)
    require(actor, "case.release", case)
    return move(
        case,
        actor=actor,
        action="case.release",
        assignee=None,
        claimed_at=None,
    )


@transaction.atomic
def case_assign(*, actor: Actor, case: Case, reader: User) -> Case:
    """Put `case` into the hands of `reader`, from the queue or from another reader.

    Raises `NotAReader`, and `AlreadyClaimed` when the case has left the queue.
    """
    lock_case(case)
    require(actor, "case.assign", case)
    if not may(actor_of_user(reader), "case.claim", case):
        raise NotAReader
    if case.status not in ACTIONS["case.assign"].within:
        return _hand_over(case, actor=actor, action="case.assign", reader=reader)
    return _reassign(case, actor=actor, reader=reader)


@transaction.atomic
def case_opened(*, actor: Actor, case: Case) -> None:
    """Its reader looks at `case`: from the first look on it is in review, not only assigned."""
    if not case.is_unopened or str(case.assignee_id) != actor.id:
        return
    mine = Case.objects.filter(pk=case.pk, assignee=case.assignee_id, is_unopened=True)
    if mine.update(is_unopened=False):
        announce(case, "case.opened", {"actor": actor.name})
    case.is_unopened = False


def lock_case(case: Case) -> None:
    """Hold the row of `case` until the transaction ends, and take over its newest values."""
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))


def require_now(actor: Actor, action: str, case: Case) -> None:
    """`action` may be taken in the state of `case`, by `actor`, who has the case in her hands."""
    require(actor, "case.view", case)
    require_somewhere(actor, action)
    if case.status not in ACTIONS[action].states:
        now = CaseStatus(case.status).label
        raise Conflict(
            f"Case {case.accession} is now '{now}', so nothing was changed. Reload the page.",
            code="moved_on",
        )
    if not may(actor, action, case):
        raise NotAllowed(f"Case {case.accession} is with {case.assignee}. Nothing was changed.")


def _hand_over(case: Case, *, actor: Actor, action: str, reader: User) -> Case:
    move(
        case,
        actor=actor,
        action=action,
        reason=f"to {reader}" if str(reader.pk) != actor.id else "",
        lost_race=AlreadyClaimed,
        assignee=reader,
        claimed_at=timezone.now(),
        is_unopened=str(reader.pk) != actor.id,
    )
    _tell_assigned(case, actor, reader)
    return case


def _tell_assigned(case: Case, actor: Actor, reader: User) -> None:
    """Whoever takes a case herself knows."""
    if str(reader.pk) != actor.id:
        event = f"assign:{case.pk}:{case.claimed_at:%Y%m%dT%H%M%S.%f}"
        tell([reader], case=case, kind=NoticeKind.ASSIGNED, event=event)


def _reassign(case: Case, *, actor: Actor, reader: User) -> Case:
    """From one reader to another: the state stays, so there is no transition, but an audit row."""
    before = str(case.assignee)
    if case.assignee_id == reader.pk:
        return case
    case.assignee, case.claimed_at = reader, timezone.now()
    case.is_unopened = str(reader.pk) != actor.id
    case.save(update_fields=["assignee", "claimed_at", "is_unopened"])
    audit.record(
        actor=actor,
        action="case.assign",
        chain=case.clinic_id,
        obj=case,
        before={"reader": before},
        after={"reader": str(reader)},
    )
    _tell_assigned(case, actor, reader)
    announce(case, "case.assigned", {"reader": str(reader), "actor": actor.name})
    return case


def person(actor: Actor) -> User:
    """Whoever reads is a person. Raises `NotAllowed` for a program."""
    if actor.user is None:
        raise NotAllowed("Only a person can read a case.")
    return actor.user


def _ago(case: Case) -> str:
    if case.claimed_at is None or timezone.now() - case.claimed_at < _JUST_NOW:
        return "a moment ago"
    return f"{timesince(case.claimed_at, depth=1)} ago"
