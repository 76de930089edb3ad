"""Inviting people, until they have chosen a password."""

from __future__ import annotations

import re
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.test import Client

from accounts.actors import actor_of_user
from accounts.choices import Role
from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.services import invitations, users
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere, RetryLater
from tests import factories

NEW_PASSWORD = "long-enough-to-be-good"


def invite(cast, admin, **changes) -> User:
    wanted = {
        "organisation": cast.clinic,
        "email": "New.Nurse@Example.org",
        "name": "New Nurse",
        "role": Role.SUBMITTER,
    }
    return users.user_invite(actor=admin, **{**wanted, **changes}).user


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
    assert list(actions.order_by("id")) == ["role.offer", "user.invite", "user.accept", "sign_in"]


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
    offer = invite(cast, admin).memberships.get()
    users.invitation_repeat(actor=admin, membership=offer)
    with pytest.raises(Conflict, match="has accepted already"):
        users.invitation_repeat(actor=admin, membership=cast.submitter.memberships.get())


def test_somebody_known_keeps_her_account_and_accepts_on_her_own_page(cast, admin, client_of):
    user = invite(cast, admin, email=cast.outsider.email.upper(), name="Ignored")
    invitations.invitation_send(user_id=user.pk, organisation_id=cast.clinic.pk)
    assert user == cast.outsider
    assert user.name == "Olga Outside"
    assert "/profile/" in mail.outbox[0].body
    assert cast.clinic.pk not in actor_of_user(user).submits_for
    offer = Membership.objects.get(user=user, organisation=cast.clinic)
    client = client_of(user)
    assert b"invites you as submitter" in client.get("/profile/").content
    for _ in range(2):
        client.post(f"/profile/invitations/{offer.pk}/accept/")
    assert cast.clinic.pk in actor_of_user(user).submits_for
    assert AuditEvent.objects.filter(action="role.accept", chain=cast.clinic.pk).count() == 1


def test_an_invitation_that_was_declined_grants_nothing(cast, admin, client_of):
    user = invite(cast, admin, email=cast.outsider.email)
    offer = Membership.objects.get(user=user, organisation=cast.clinic)
    for answer in ("decline", "accept"):
        client_of(user).post(f"/profile/invitations/{offer.pk}/{answer}/")
    assert cast.clinic.pk not in actor_of_user(user).submits_for


def test_nobody_accepts_for_another(cast, admin, client_of):
    offer = invite(cast, admin).memberships.get()
    assert (
        client_of(cast.outsider).post(f"/profile/invitations/{offer.pk}/accept/").status_code == 404
    )


def _about(page: str, email: str) -> list[str]:
    """What a page says in the lines that name `email`, without numbers that grow with each row."""
    lines = [line.replace(email, "ADDRESS") for line in page.splitlines() if email in line]
    return [re.sub(r"X-CSRFToken[^}]*|value=\"[^\"]*\"|/roles/\d+/", "", line) for line in lines]


@pytest.mark.parametrize("is_active", [True, False])
def test_inviting_an_address_tells_nothing_of_its_account(is_active, cast, admin_client):
    """Pages and log read the same as for an address that nobody has, until it is accepted."""
    User.objects.filter(pk=cast.outsider.pk).update(is_active=is_active)
    pages = []
    for email in (cast.outsider.email, "unheard-of@example.org"):
        form = {
            "email": email,
            "name": "Typed Name",
            "organisation": cast.clinic.pk,
            "role": Role.SUBMITTER,
        }
        answer = admin_client.post("/people/invite/", form, follow=True)
        texts = [answer, admin_client.get("/people/?q=example"), admin_client.get("/audit/")]
        pages.append([text.content.decode() for text in texts])
    about = [_about(text, "unheard-of@example.org") for text in pages[1]]
    assert about == [_about(text, cast.outsider.email) for text in pages[0]]
    assert not [text for text in pages[0] if "Olga" in text]


def test_an_organisation_may_not_end_the_sessions_of_whom_it_invited(cast, admin, client_of):
    client = client_of(cast.outsider)
    invite(cast, admin, email=cast.outsider.email)
    for act in (users.sessions_end, users.user_deactivate):
        with pytest.raises(NotAllowed):
            act(actor=admin, user=cast.outsider)
    assert client.get("/profile/").status_code == 200


def test_sign_ins_before_acceptance_do_not_reach_the_log_of_who_invited(cast, admin, client):
    invite(cast, admin, email=cast.outsider.email)
    client.post("/account/login/", {"login": cast.outsider.email, "password": factories.PASSWORD})
    assert not AuditEvent.objects.filter(chain=cast.clinic.pk, action="sign_in").exists()


def test_the_link_of_one_clinic_accepts_nothing_of_another(cast, admin, site_administrator, client):
    user = invite(cast, admin)
    invite(cast, actor_of_user(site_administrator), organisation=cast.other_clinic)
    accept(client, link_of(user, cast.clinic))
    assert actor_of_user(user).submits_for == {cast.clinic.pk}


def test_a_locked_account_gets_no_mail(cast, admin):
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)
    user = invite(cast, admin, email=cast.outsider.email)
    invitations.invitation_send(user_id=user.pk, organisation_id=cast.clinic.pk)
    assert not mail.outbox


def test_somebody_who_holds_the_role_is_said_to_hold_it(cast, admin):
    with pytest.raises(Invalid, match="no invitation is needed"):
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
