"""What may be done with a case now: the person's reach and the case's state together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.models import BooleanField, Value, When
from django.db.models import Case as SqlCase

from accounts.actors import Actor
from accounts.policy import POLICY, reach_filter
from cases.choices import ACTIONS
from cases.models import Case

_MORE: Mapping[str, Callable[[Case], bool]] = {
    "case.retry": lambda case: bool(case.no_ai_reason),
}
"""What must hold of a case beside its state, for a button to make sense."""


def permitted(actor: Actor, case: Case) -> frozenset[str]:
    """The actions that a page may offer, as words: "edit", "add", "claim", "sign" ... One query."""
    possible = [action for action in ACTIONS if action in POLICY and _makes_sense(action, case)]
    if not possible:
        return frozenset()
    row = Case.objects.filter(pk=case.pk).values(**{_word(a): _reaches(actor, a) for a in possible})
    return frozenset(word for word, granted in (row.first() or {}).items() if granted)


def _makes_sense(action: str, case: Case) -> bool:
    return case.status in ACTIONS[action].states and _MORE.get(action, bool)(case)


def _word(action: str) -> str:
    subject, verb = action.split(".")
    return "report" if subject == "report" else verb


def _reaches(actor: Actor, action: str) -> SqlCase:
    """The policy's filter as a column."""
    reach = reach_filter(actor, action, Case.policy_paths)
    return SqlCase(When(reach, then=Value(True)), default=Value(False), output_field=BooleanField())
