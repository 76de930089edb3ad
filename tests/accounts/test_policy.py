"""The policy table: every action by every member of the cast, through the queryset that all use."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.actors import Actor, actor_of_token, actor_of_user, nobody, system
from accounts.choices import Role
from accounts.models import ApiToken, Membership, Organisation, ReadingAgreement
from accounts.policy import (
    POLICY,
    PolicyPaths,
    Reach,
    may,
    may_somewhere,
    organisations_for,
    reach_filter,
    require,
    require_in,
)
from cases.models import Case, Patient
from telepath.core.errors import NotAllowed, NotThere
from tests import factories

WHO_REACHES = {
    ("submitter", Reach.OWN): {"submitter", "colleague"},
    ("pathologist", Reach.READS_FOR): {"first_reader", "second_reader"},
    ("pathologist", Reach.ASSIGNED): {"first_reader"},
    ("administrator", Reach.ORGANISATION): {"administrator", "laboratory_administrator"},
    ("administrator", Reach.ADMINISTERS): {"administrator"},
    ("submitter", Reach.EVERYWHERE): {"submitter", "colleague", "outsider"},
    ("pathologist", Reach.EVERYWHERE): {"first_reader", "second_reader", "outside_reader"},
    ("administrator", Reach.EVERYWHERE): {"administrator", "laboratory_administrator"},
}
"""Of a case of the clinic that is assigned to the first reader."""

PEOPLE = (
    "submitter",
    "colleague",
    "first_reader",
    "second_reader",
    "administrator",
    "laboratory_administrator",
    "outsider",
    "outside_reader",
)


def expected(action: str) -> set[str]:
    rule = POLICY[action]
    kinds = ("submitter", "pathologist", "administrator")
    return set().union(*(WHO_REACHES.get((kind, getattr(rule, kind)), set()) for kind in kinds))


@pytest.fixture
def assigned_case(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    return factories.CaseFactory(patient=patient, assignee=cast.first_reader)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("action", sorted(POLICY))
def test_the_table_decides_who_reaches_a_case(action, person, cast, assigned_case):
    actor = actor_of_user(getattr(cast, person))
    assert may(actor, action, assigned_case) is (person in expected(action))


@pytest.mark.parametrize("action", sorted(POLICY))
def test_a_list_holds_exactly_the_rows_that_one_may_act_on(action, cast, assigned_case):
    for person in PEOPLE:
        actor = actor_of_user(getattr(cast, person))
        listed = assigned_case in Case.objects.visible_to(actor, action)
        assert listed is may(actor, action, assigned_case)


@pytest.mark.parametrize("action", sorted(POLICY))
def test_a_token_reaches_its_own_clinic_within_its_scopes(action, cast, assigned_case):
    needed = {Reach.CASES_READ: "cases:read", Reach.CASES_WRITE: "cases:write"}
    for scopes in ([], ["cases:read"], ["cases:write"]):
        own = actor_of_token(ApiToken(organisation=cast.clinic, scopes=scopes))
        other = actor_of_token(ApiToken(organisation=cast.other_clinic, scopes=scopes))
        assert may(own, action, assigned_case) is (needed.get(POLICY[action].machine) in scopes)
        assert may_somewhere(own, action) is may(own, action, assigned_case)
        assert not may(other, action, assigned_case)


@pytest.mark.parametrize("action", ["case.sign", "case.amend", "case.correct", "case.claim"])
def test_no_machine_ever_signs(action):
    assert POLICY[action].machine is Reach.NEVER


@pytest.mark.parametrize("action", sorted(POLICY))
def test_nobody_reaches_nothing(action, cast, assigned_case):
    assert not may(nobody(), action, assigned_case)
    assert not may_somewhere(nobody(), action)


def test_a_site_administrator_manages_organisations_but_sees_no_patient(
    assigned_case, site_administrator
):
    actor = actor_of_user(site_administrator)
    assert set(organisations_for(actor, "audit.view")) == set(Organisation.objects.all())
    for action, rule in POLICY.items():
        if rule.site is Reach.NEVER:
            assert not may(actor, action, assigned_case), action
    assert not Patient.objects.visible_to(actor, "patient.view").exists()


def test_no_action_on_patients_cases_or_reports_is_open_to_the_whole_site():
    clinical = ("patient.", "case.", "report.", "image.")
    assert not [
        a for a, rule in POLICY.items() if a.startswith(clinical) and rule.site != Reach.NEVER
    ]


def test_an_action_without_a_row_is_a_defect_and_says_so(cast):
    with pytest.raises(KeyError):
        reach_filter(actor_of_user(cast.submitter), "case.sgin", PolicyPaths(clinic="clinic_id"))


def test_a_model_without_an_assignee_cannot_be_reached_as_one(cast):
    with pytest.raises(TypeError, match="no assignee"):
        reach_filter(actor_of_user(cast.first_reader), "case.sign", PolicyPaths(clinic="clinic_id"))


def test_a_refusal_says_no_to_those_who_see_the_row_and_nothing_to_others(cast, assigned_case):
    with pytest.raises(NotAllowed):
        require(actor_of_user(cast.submitter), "case.sign", assigned_case)
    with pytest.raises(NotThere):
        require(actor_of_user(cast.outsider), "case.sign", assigned_case)
    require(actor_of_user(cast.first_reader), "case.sign", assigned_case)


def test_what_does_not_exist_yet_is_asked_of_the_organisation(cast):
    require_in(actor_of_user(cast.submitter), "patient.edit", cast.clinic.pk)
    with pytest.raises(NotThere):
        require_in(actor_of_user(cast.outsider), "patient.edit", cast.clinic.pk)


def test_the_platform_itself_may_do_everything(assigned_case):
    assert may(system("the sweep"), "case.retry", assigned_case)
    assert may_somewhere(system("the sweep"), "case.retry")


def test_an_ended_agreement_takes_the_readers_sight_at_once(cast, assigned_case):
    ReadingAgreement.objects.filter(clinic=cast.clinic).update(is_active=False)
    for person in ("first_reader", "second_reader", "laboratory_administrator"):
        assert not may(actor_of_user(getattr(cast, person)), "case.view", assigned_case)


@pytest.mark.parametrize("what", ["membership", "organisation", "user"])
def test_whoever_is_switched_off_reaches_nothing(what, cast, assigned_case):
    if what == "membership":
        Membership.objects.filter(user=cast.submitter).update(is_active=False)
    elif what == "organisation":
        Organisation.objects.filter(pk=cast.clinic.pk).update(is_active=False)
    else:
        cast.submitter.is_active = False
    assert not may(actor_of_user(cast.submitter), "case.view", assigned_case)


def test_the_actor_of_anybody_is_loaded_in_two_queries(cast, django_assert_max_num_queries):
    for person in PEOPLE:
        user = getattr(cast, person)
        with django_assert_max_num_queries(2):
            actor_of_user(user)


def test_two_roles_of_one_person_add_up(cast, assigned_case):
    factories.MembershipFactory(
        user=cast.outsider, organisation=cast.laboratory, role=Role.PATHOLOGIST
    )
    actor = actor_of_user(cast.outsider)
    assert may(actor, "case.claim", assigned_case)
    assert actor.organisations == {cast.other_clinic.pk, cast.laboratory.pk}


def test_where_somebody_acts_from_does_not_make_her_another():
    one = Actor(kind="user", id="1", name="A")
    assert one == dataclasses.replace(one, address="10.0.0.1", request_id="x")
