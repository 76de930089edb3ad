"""Giving and taking roles, locking somebody out; organisations, and who reads for whom."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.actors import actor_of_user
from accounts.choices import Role
from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.services import organisations, roles, users
from accounts.services.roles import LastAdministrator
from telepath.core import events
from telepath.core.errors import Invalid, NotAllowed, NotThere
from tests.factories import PASSWORD, MembershipFactory, UserFactory


@pytest.fixture
def sent_hints(monkeypatch, django_capture_on_commit_callbacks):
    """What live sockets are told, once the transaction is over."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "accounts.services.live.hint",
        lambda audience, message: told.append((audience, message["type"])),
    )

    def after(action):
        with django_capture_on_commit_callbacks(execute=True):
            action()
        return told

    return after


def test_a_role_given_twice_is_one_role_and_one_event(cast, admin):
    for _ in range(2):
        roles.role_give(
            actor=admin, user=cast.outsider, organisation=cast.clinic, role=Role.SUBMITTER
        )
    assert AuditEvent.objects.filter(action="role.offer").count() == 1


def test_one_more_role_in_the_same_organisation_holds_at_once(cast, admin):
    roles.role_give(
        actor=admin, user=cast.submitter, organisation=cast.clinic, role=Role.ADMINISTRATOR
    )
    assert actor_of_user(cast.submitter).administers == {cast.clinic.pk}


def test_a_role_taken_away_can_be_offered_again(cast, admin):
    role = Membership.objects.get(user=cast.submitter)
    roles.role_take(actor=admin, membership=role)
    assert not actor_of_user(cast.submitter).submits_for
    roles.role_give(actor=admin, user=cast.submitter, organisation=cast.clinic, role=role.role)
    role.refresh_from_db()
    roles.role_accept(actor=actor_of_user(cast.submitter), membership=role)
    assert actor_of_user(cast.submitter).submits_for == {cast.clinic.pk}
    changes = AuditEvent.objects.filter(action__startswith="role.").order_by("id")
    assert [(one.before, one.after) for one in changes] == [
        ({"role": "submitter"}, {"role": ""}),
        ({"role": ""}, {"role": "submitter"}),
        ({"role": ""}, {"role": "submitter"}),
    ]


def test_the_last_administrator_stays(cast, admin):
    own = Membership.objects.get(user=cast.administrator)
    with pytest.raises(LastAdministrator, match="would be left without"):
        roles.role_take(actor=admin, membership=own)
    with pytest.raises(LastAdministrator):
        users.user_deactivate(actor=admin, user=cast.administrator)
    assert actor_of_user(cast.administrator).administers == {cast.clinic.pk}


def test_a_deactivated_colleague_is_no_second_administrator(cast, admin):
    second = UserFactory(is_active=False)
    MembershipFactory(user=second, organisation=cast.clinic, role=Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        roles.role_take(actor=admin, membership=Membership.objects.get(user=cast.administrator))


def test_two_administrators_who_remove_each_other_do_not_both_succeed(cast, at_the_same_time):
    second = UserFactory()
    MembershipFactory(user=second, organisation=cast.clinic, role=Role.ADMINISTRATOR)

    def remove(actor_user: User, other: User):
        actor = actor_of_user(actor_user)
        return lambda: roles.role_take(
            actor=actor, membership=Membership.objects.get(user=other, role=Role.ADMINISTRATOR)
        )

    outcomes = at_the_same_time(
        remove(cast.administrator, second), remove(second, cast.administrator)
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    left = Membership.objects.filter(role=Role.ADMINISTRATOR, organisation=cast.clinic)
    assert left.filter(is_active=True).count() == 1


def test_deactivating_ends_the_session_the_sign_in_and_the_sockets(
    cast, admin, client_of, sent_hints
):
    client = client_of(cast.submitter)
    assert client.get("/profile/").status_code == 200
    told = sent_hints(lambda: users.user_deactivate(actor=admin, user=cast.submitter))
    assert (f"user:{cast.submitter.pk}", "live.close") in told
    assert client.get("/profile/").status_code == 302
    assert not Client().login(email=cast.submitter.email, password=PASSWORD)


def test_a_session_from_before_does_not_come_back_with_the_account(cast, admin, client_of):
    client = client_of(cast.submitter)
    users.user_deactivate(actor=admin, user=cast.submitter)
    users.user_activate(actor=admin, user=cast.submitter)
    assert client.get("/profile/").status_code == 302
    assert Client().login(email=cast.submitter.email, password=PASSWORD)


def test_a_change_of_role_closes_the_sockets_that_the_old_role_opened(cast, admin, sent_hints):
    role = Membership.objects.get(user=cast.submitter)
    told = sent_hints(lambda: roles.role_take(actor=admin, membership=role))
    assert told == [(f"user:{cast.submitter.pk}", "live.close")]


def test_the_hint_that_closes_sockets_goes_to_the_persons_group():
    assert events.group_of("user:7") == "live.user.7"


def test_an_administrator_locks_nobody_out_who_also_works_elsewhere(cast, admin):
    MembershipFactory(user=cast.submitter, organisation=cast.other_clinic, role=Role.SUBMITTER)
    with pytest.raises(NotAllowed, match="also works for an organisation"):
        users.user_deactivate(actor=admin, user=cast.submitter)


def test_an_administrator_locks_out_no_site_administrator(cast, admin, site_administrator):
    MembershipFactory(user=site_administrator, organisation=cast.clinic)
    with pytest.raises(NotAllowed):
        users.user_deactivate(actor=admin, user=site_administrator)


def test_strangers_cannot_be_touched(cast, admin):
    for act in (users.user_deactivate, users.sessions_end):
        with pytest.raises(NotThere):
            act(actor=admin, user=cast.outsider)
    with pytest.raises(NotThere):
        users.invitation_repeat(actor=admin, membership=cast.outsider.memberships.get())


def test_signing_out_everywhere_ends_every_session(cast, client_of):
    here, there = client_of(cast.submitter), client_of(cast.submitter)
    assert here.post("/profile/sign-out-everywhere/").status_code == 302
    assert there.get("/profile/").status_code == 302


def test_one_changes_ones_own_name_and_the_old_one_is_kept_in_the_trail(cast, client_of):
    answer = client_of(cast.first_reader).post("/profile/", {"name": "Prof. Mira Keller"})
    cast.first_reader.refresh_from_db()
    event = AuditEvent.objects.get(action="user.rename", chain=cast.laboratory.pk)
    assert answer.status_code == 302
    assert cast.first_reader.name == "Prof. Mira Keller"
    assert (event.before, event.after) == (
        {"name": "Dr. Mira Keller"},
        {"name": "Prof. Mira Keller"},
    )


def test_a_new_organisation_gets_its_chain_and_its_code(site_administrator):
    actor = actor_of_user(site_administrator)
    made = organisations.organisation_open(
        actor=actor, name="Lake Clinic", code="LAK", kind="clinic", time_zone="Africa/Nairobi"
    )
    assert AuditEvent.objects.filter(chain=made.pk, action="organisation.open").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "riv"}, "code"),
        ({"code": "RIV"}, "code"),
        ({"name": "Riverside Clinic"}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_a_bad_organisation_is_refused_at_its_field(changes, field, cast, site_administrator):
    wanted = {"name": "Lake Clinic", "code": "LAK", "kind": "clinic", "time_zone": "UTC"}
    with pytest.raises(Invalid) as refused:
        organisations.organisation_open(
            actor=actor_of_user(site_administrator), **{**wanted, **changes}
        )
    assert refused.value.field == field


def test_only_the_site_opens_organisations(cast, admin):
    with pytest.raises(NotAllowed):
        organisations.organisation_open(actor=admin, name="L", code="LAK", kind="clinic")


def test_the_clinic_decides_who_reads_for_it_and_either_side_ends_it(cast, admin, as_actor):
    reader, far = cast.outside_reader, Organisation.objects.get(code="FAR")
    agreement = organisations.agreement_make(actor=admin, clinic=cast.clinic, laboratory=far)
    assert cast.clinic.pk in as_actor(reader).clinics_read
    with pytest.raises(NotThere):
        organisations.agreement_make(
            actor=as_actor(cast.laboratory_administrator),
            clinic=cast.other_clinic,
            laboratory=cast.laboratory,
        )
    with pytest.raises(NotThere):
        organisations.agreement_end(
            actor=as_actor(cast.laboratory_administrator), agreement=agreement
        )
    organisations.agreement_end(actor=admin, agreement=agreement)
    assert cast.clinic.pk not in as_actor(reader).clinics_read
    chains = AuditEvent.objects.filter(action__startswith="agreement.").values_list("chain")
    assert set(chains) == {(cast.clinic.pk,), (far.pk,)}


def test_a_clinic_does_not_read_for_a_clinic(cast, admin):
    with pytest.raises(Invalid):
        organisations.agreement_make(actor=admin, clinic=cast.clinic, laboratory=cast.other_clinic)
