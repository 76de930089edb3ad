"""What may be done with a case now: the person's reach and the case's state together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.models import BooleanField, Value, When
from django.db.models import Case as SqlCase

from accounts.actors import Actor
from accounts.policy import reach_filter
from cases.choices import EDITABLE, REPORTED, TRANSITIONS, CaseStatus
from cases.models import Case

StateRule = Callable[[Case], bool]


def _in(*states: str) -> StateRule:
    return lambda case: case.status in states


def _leads_to(state: str) -> StateRule:
    return lambda case: state in TRANSITIONS[case.status]


_STATE_RULES: Mapping[str, StateRule] = {
    "case.edit": _in(*EDITABLE),
    "image.add": _in(*EDITABLE),
    "case.submit": _in(*EDITABLE),
    "case.cancel": _leads_to(CaseStatus.CANCELLED),
    "case.retry": lambda case: case.status == CaseStatus.READY and bool(case.no_ai_reason),
    "case.claim": _in(CaseStatus.READY),
    "case.assign": _in(CaseStatus.READY, CaseStatus.IN_REVIEW),
    "case.release": _in(CaseStatus.IN_REVIEW),
    "case.return": _in(CaseStatus.IN_REVIEW),
    "case.correct": _in(CaseStatus.IN_REVIEW),
    "case.sign": _in(CaseStatus.IN_REVIEW),
    "case.amend": _in(*REPORTED),
    "report.view": _in(*REPORTED),
}


def permitted(actor: Actor, case: Case) -> frozenset[str]:
    """The actions that a page may offer, as words: "edit", "add", "claim", "sign" ... One query."""
    possible = [action for action, holds in _STATE_RULES.items() if holds(case)]
    if not possible:
        return frozenset()
    row = Case.objects.filter(pk=case.pk).values(**{_word(a): _reaches(actor, a) for a in possible})
    return frozenset(word for word, granted in (row.first() or {}).items() if granted)


def _word(action: str) -> str:
    subject, verb = action.split(".")
    return "report" if subject == "report" else verb


def _reaches(actor: Actor, action: str) -> SqlCase:
    """The policy's filter as a column."""
    reach = reach_filter(actor, action, Case.policy_paths)
    return SqlCase(When(reach, then=Value(True)), default=Value(False), output_field=BooleanField())
