"""The table of actions: it is whole, and services and buttons keep to it in every state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.actors import actor_of_user
from accounts.policy import POLICY
from cases.choices import ACTIONS, REPORTED, TRANSITIONS, CaseStatus
from cases.models import Case
from cases.selectors.permitted import permitted
from cases.services import amending, intake, leaving, reading, review, signing, submission
from telepath.core.errors import Conflict
from tests import factories
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review

PLATFORM_ONLY = {"case.analyse", "case.ready"}
EDIT = {"specimen": "peripheral_blood", "stain": "giemsa", "priority": 0}
REASON = {"reason_code": "other", "reason": "A test."}
STATEMENT = {**SIGNATURE, "conclusion": "indeterminate"}

TAKEN: dict[str, tuple[str, Callable[..., object]]] = {
    "case.edit": ("submitter", lambda **k: intake.case_update(**k, **EDIT)),
    "case.submit": ("submitter", submission.case_submit),
    "case.retry": ("submitter", submission.case_retry),
    "case.recall": ("submitter", submission.case_recall),
    "case.cancel": ("submitter", lambda **k: leaving.case_cancel(**k, **REASON)),
    "case.claim": ("first_reader", review.case_claim),
    "case.release": ("first_reader", review.case_release),
    "case.return": ("first_reader", lambda **k: leaving.case_return(**k, **REASON)),
    "case.correct": (
        "first_reader",
        lambda **k: reading.cells_correct(**k, cell_ids=[], cell_class="blast"),
    ),
    "case.sign": ("first_reader", lambda **k: signing.case_sign(**k, **STATEMENT)),
    "case.reopen": ("first_reader", amending.case_reopen),
    "case.amend": (
        "first_reader",
        lambda **k: signing.case_amend(**k, **STATEMENT, comment="", reason="New."),
    ),
    "case.abandon": ("first_reader", amending.case_abandon),
}
"""Who takes it, and the service. Those about pictures, readers and reports have their own tests."""


def _in_state(cast, status: str) -> Case:
    """A case that came to `status` as it may, by writing what the platform would have."""
    case = case_in_review(cast, CLEAR)
    factories.SmearImageFactory(case=case)  # one without a run: there is something to analyse again
    reader = actor_of_user(cast.first_reader)
    if status in REPORTED:
        signing.case_sign(actor=reader, case=case, **STATEMENT)
    if status == CaseStatus.AMENDING:
        amending.case_reopen(actor=reader, case=case)
    Case.objects.filter(pk=case.pk).update(status=status)
    case.refresh_from_db()
    return case


def test_every_action_is_somebodys_or_the_platforms():
    assert {action for action in ACTIONS if action not in POLICY} == PLATFORM_ONLY


def test_no_state_is_a_trap_but_the_one_that_ends_a_case():
    assert {state for state, ends in TRANSITIONS.items() if not ends} == {CaseStatus.CANCELLED}
    assert set().union(*TRANSITIONS.values()) == set(CaseStatus)


@pytest.mark.parametrize("status", CaseStatus.values)
@pytest.mark.parametrize("action", sorted(TAKEN))
def test_a_service_acts_in_the_states_of_the_table_and_refuses_in_all_others(action, status, cast):
    person, service = TAKEN[action]
    case = _in_state(cast, status)
    actor = actor_of_user(getattr(cast, person))
    if status not in ACTIONS[action].states:
        with pytest.raises(Conflict):
            service(actor=actor, case=case)
    else:
        service(actor=actor, case=case)
    case.refresh_from_db()
    acted = status in ACTIONS[action].sources and ACTIONS[action].ends
    later = TRANSITIONS[CaseStatus.SUBMITTED] if action == "case.submit" else frozenset()
    assert case.status in ((ACTIONS[action].ends | later) if acted else {status})


@pytest.mark.parametrize("status", CaseStatus.values)
def test_a_page_offers_what_the_table_allows_and_nothing_else(status, cast):
    case = _in_state(cast, status)
    case.no_ai_reason = "The model was away."
    offered = set().union(
        *(
            permitted(actor_of_user(getattr(cast, person)), case)
            for person in ("submitter", "first_reader", "laboratory_administrator")
        )
    )
    named = {action.split(".")[1]: action for action in ACTIONS if action in POLICY}
    named["report"] = named.pop("view")
    assert offered == {word for word, act in named.items() if status in ACTIONS[act].states}
