"""The side exits of a case: back to the clinic, or cancelled; each with a reason."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Choices

from accounts.actors import Actor
from accounts.policy import require
from cases.choices import CancelReason, NoticeKind, ReturnReason, UploadStatus
from cases.models import Case, Upload
from cases.services.checks import one_of, text
from cases.services.notices import tell_sender
from cases.services.transitions import move
from inference.services.runs import cancel_run
from telepath.core.errors import Invalid

_OTHER = "other"


@transaction.atomic
def case_return(
    *,
    actor: Actor,
    case: Case,
    reason_code: str,
    reason: str = "",
    pictures: Collection[int] = (),
) -> Case:
    """Send the case back to the clinic for more or better material; it may then be submitted again.

    Only its reader may, while it is in review. Corrections made so far are kept. pictures: the
    numbers of those that are concerned; they stand before the words of the reason.
    """
    require(actor, "case.return", case)
    code, words = _reason(ReturnReason, reason_code, reason)
    words = " ".join(filter(None, [_concerned(case, pictures), words]))
    move(
        case,
        actor=actor,
        action="case.return",
        reason_code=code,
        reason=words,
        assignee=None,
        claimed_at=None,
    )
    step = case.transitions.latest("id")
    tell_sender(case, kind=NoticeKind.RETURNED, event=f"return:{step.pk}")
    return case


@transaction.atomic
def case_cancel(*, actor: Actor, case: Case, reason_code: str, reason: str = "") -> Case:
    """End a case without a report. Analyses under way stop; what was stored stays readable."""
    require(actor, "case.cancel", case)
    code, words = _reason(CancelReason, reason_code, reason)
    move(
        case,
        actor=actor,
        action="case.cancel",
        reason_code=code,
        reason=words,
    )
    Upload.objects.filter(case=case, status=UploadStatus.OPEN).update(
        status=UploadStatus.FAILED, problem="The case was cancelled."
    )
    for run_id in case.images.values_list("run_id", flat=True):
        if run_id:
            cancel_run(run_id)
    return case


def _concerned(case: Case, pictures: Collection[int]) -> str:
    known = set(case.images.values_list("position", flat=True))
    if unknown := sorted(set(pictures) - known):
        raise Invalid(f"There is no picture {unknown[0]} in this case.", field="pictures")
    if not pictures:
        return ""
    numbers = [str(one) for one in sorted(set(pictures))]
    listed = ", ".join(numbers[:-1]) + (" and " if numbers[1:] else "") + numbers[-1]
    return f"Picture{'s' if numbers[1:] else ''} {listed}."


def _reason(choices: type[Choices], code: str, words: str) -> tuple[str, str]:
    kept = text(words, field="reason", label="reason", longest=1000)
    chosen = one_of(choices, code, field="reason_code", label="reason")
    if chosen == _OTHER and not kept:
        raise Invalid("Say in a few words what the reason is.", field="reason")
    return chosen, kept
