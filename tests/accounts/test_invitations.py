"""Inviting people, until they have chosen a password."""

from __future__ import annotations

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.test import Client

from accounts.actors import actor_of_user
from accounts.choices import Role
from accounts.models import AuditEvent, Organisation, User
from accounts.services import invitations, users
from telepath.core.errors import Conflict, Invalid, NotThere, RetryLater

NEW_PASSWORD = "long-enough-to-be-good"


def invite(cast, admin, **changes) -> User:
    wanted = {
        "organisation": cast.clinic,
        "email": "New.Nurse@Example.org",
        "name": "New Nurse",
        "role": Role.SUBMITTER,
    }
    return users.user_invite(actor=admin, **{**wanted, **changes})


def link_of(user: User, organisation: Organisation) -> str:
    mail.outbox.clear()
    invitations.invitation_send(user_id=user.pk, organisation_id=organisation.pk)
    (message,) = mail.outbox
    assert message.to == [user.email]
    return next(line for line in message.body.splitlines() if "/invitation/" in line)


def path_of(link: str) -> str:
    return link[link.index("/invitation/") :]


def accept(client: Client, link: str, password: str = NEW_PASSWORD):
    return client.post(path_of(link), {"name": "N. Nurse", "password": password, "again": password})


def test_an_invited_person_chooses_a_password_and_is_in(cast, admin, client):
    user = invite(cast, admin)
    link = link_of(user, cast.clinic)
    assert client.get(path_of(link)).status_code == 200
    answer = accept(client, link)
    user.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (user.email, user.name) == ("new.nurse@example.org", "N. Nurse")
    assert user.check_password(NEW_PASSWORD)
    assert client.session["_auth_user_id"] == str(user.pk)
    actions = AuditEvent.objects.filter(chain=cast.clinic.pk).values_list("action", flat=True)
    assert list(actions.order_by("id")) == ["role.give", "user.invite", "user.accept", "sign_in"]


def test_a_link_works_once(cast, admin, client):
    link = link_of(invite(cast, admin), cast.clinic)
    accept(client, link)
    assert Client().get(path_of(link)).status_code == 410
    assert b"no longer works" in accept(Client(), link, "another-long-password").content


def test_a_link_expires(cast, admin, client, settings):
    link = link_of(invite(cast, admin), cast.clinic)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert client.get(path_of(link)).status_code == 410


@pytest.mark.parametrize("key", ["MQ", "!!", "OTk5OTk5", "AAAA%00", "w6k"])
def test_an_invented_link_is_refused(key, db, client):
    assert client.get(f"/invitation/{key}/abc-def/").status_code == 410


def test_a_weak_or_mistyped_password_is_refused_with_the_reason(cast, admin, client):
    link = link_of(invite(cast, admin), cast.clinic)
    weak = accept(client, link, "short")
    assert (weak.status_code, b"at least 12 characters" in weak.content) == (422, True)
    differs = {"name": "N", "password": NEW_PASSWORD, "again": NEW_PASSWORD + "x"}
    assert b"The two passwords differ" in client.post(path_of(link), differs).content
    assert not User.objects.get(name="New Nurse").has_accepted


def test_the_invitation_can_be_sent_again_until_it_is_accepted(cast, admin):
    user = invite(cast, admin)
    users.invitation_repeat(actor=admin, user=user)
    with pytest.raises(Conflict, match="has chosen a password"):
        users.invitation_repeat(actor=admin, user=cast.submitter)


def test_somebody_known_keeps_her_account_and_gets_news_instead_of_a_link(cast, admin):
    user = invite(cast, admin, email=cast.outsider.email.upper(), name="Ignored")
    invitations.invitation_send(user_id=user.pk, organisation_id=cast.clinic.pk)
    assert user == cast.outsider
    assert user.name == "Olga Outside"
    assert "/invitation/" not in mail.outbox[0].body
    assert cast.clinic.pk in actor_of_user(user).submits_for


def test_a_deactivated_person_cannot_be_invited_back_by_the_side_door(cast, admin):
    users.user_deactivate(actor=admin, user=cast.submitter)
    with pytest.raises(Invalid, match="was deactivated"):
        invite(cast, admin, email=cast.submitter.email)


def test_a_mail_server_that_is_away_means_later(cast, admin, monkeypatch):
    def away(*args, **kwargs):
        raise SMTPServerDisconnected

    user = invite(cast, admin)
    monkeypatch.setattr(invitations, "send_mail", away)
    with pytest.raises(RetryLater):
        invitations.invitation_send(user_id=user.pk, organisation_id=cast.clinic.pk)


@pytest.mark.parametrize(
    ("organisation", "role"),
    [("clinic", Role.PATHOLOGIST), ("laboratory", Role.SUBMITTER)],
)
def test_a_role_must_fit_the_kind_of_organisation(organisation, role, cast, site_administrator):
    actor = actor_of_user(site_administrator)
    with pytest.raises(Invalid, match="has no such role"):
        invite(cast, actor, organisation=getattr(cast, organisation), role=role)
    assert not User.objects.filter(name="New Nurse").exists()


def test_only_an_administrator_of_the_organisation_invites(cast):
    for person in (cast.submitter, cast.laboratory_administrator, cast.outsider):
        with pytest.raises(NotThere):
            invite(cast, actor_of_user(person))
