"""Pages of people, organisations and tokens: who opens them, what they cost."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.choices import Role
from accounts.models import ApiToken, Membership, Organisation, ReadingAgreement, User
from accounts.services import users
from accounts.tasks import send_invitation
from tests.factories import MembershipFactory, UserFactory

ADMINISTRATION = ["/people/", "/people/invite/", "/organisations/", "/tokens/", "/audit/"]


@pytest.mark.parametrize("path", [*ADMINISTRATION, "/tokens/new/", "/audit/export.csv"])
def test_pages_of_administration_open_for_administrators_only(path, cast, client, client_of):
    assert client_of(cast.administrator).get(path).status_code == 200
    assert client_of(cast.submitter).get(path).status_code == 403
    assert client_of(cast.first_reader).get(path).status_code == 403
    assert client.get(path)["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize("path", [*ADMINISTRATION, "/organisations/new/"])
def test_a_site_administrator_opens_them_too(path, cast, site_administrator, client_of):
    assert client_of(site_administrator).get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/people/{outsider}/",
        "/organisations/{other_clinic}/",
        "/people/999999/",
        "/people/99999999999999999999999/",
    ],
)
def test_people_and_organisations_of_others_do_not_exist(path, cast, admin_client):
    known = path.format(outsider=cast.outsider.pk, other_clinic=cast.other_clinic.pk)
    assert admin_client.get(known).status_code == 404


def test_buttons_do_nothing_to_people_and_agreements_of_others(cast, admin_client):
    role = Membership.objects.get(user=cast.outsider)
    agreement = ReadingAgreement.objects.get(clinic=cast.other_clinic)
    for path in (
        f"/people/{cast.outsider.pk}/deactivate/",
        f"/people/{cast.outsider.pk}/sign-out/",
        f"/roles/{role.pk}/take/",
        f"/organisations/{cast.other_clinic.pk}/agreements/",
    ):
        assert admin_client.post(path).status_code == 404
        assert admin_client.get(path).status_code == 405
    assert admin_client.post(f"/agreements/{agreement.pk}/end/").status_code == 404


def test_an_administrator_sees_her_people_with_their_roles_and_nobody_else(cast, admin_client):
    MembershipFactory(user=cast.colleague, organisation=cast.other_clinic)
    text = admin_client.get("/people/").content.decode()
    assert "Nurse Sana Ito" in text
    assert "Submitter, Riverside Clinic" in text
    assert "Olga Outside" not in text
    assert "Hill Clinic" not in text


def test_people_are_found_by_name_and_address(cast, admin_client):
    found = admin_client.get("/people/?q=DIALLO").content.decode()
    assert "Omar Diallo" in found
    assert "Sana Ito" not in found
    assert "Nobody with" in admin_client.get("/people/?q=zzz%00").content.decode()


def test_the_list_of_people_costs_the_same_for_many(
    cast, admin_client, django_assert_max_num_queries
):
    for _ in range(40):
        MembershipFactory(user=UserFactory(), organisation=cast.clinic)
    admin_client.get("/people/")
    with django_assert_max_num_queries(7):
        admin_client.get("/people/")


def test_one_invites_on_the_page(cast, admin_client):
    answer = admin_client.post(
        "/people/invite/",
        {
            "email": "new@example.org",
            "name": "New Nurse",
            "organisation": cast.clinic.pk,
            "role": Role.SUBMITTER,
        },
        follow=True,
    )
    assert b"new@example.org is invited" in answer.content
    assert b"Send again" in answer.content


def test_an_invitation_that_cannot_be_is_refused_at_its_field(cast, admin_client):
    wanted = {"email": "x@example.org", "name": "X", "organisation": cast.clinic.pk}
    answer = admin_client.post("/people/invite/", {**wanted, "role": Role.PATHOLOGIST})
    assert answer.status_code == 422
    assert b"pathologist is not one of the available choices" in answer.content
    elsewhere = {**wanted, "organisation": cast.other_clinic.pk, "role": Role.SUBMITTER}
    assert admin_client.post("/people/invite/", elsewhere).status_code == 422
    assert not User.objects.filter(email="x@example.org").exists()


def test_roles_are_given_and_taken_on_the_persons_page(cast, admin_client):
    page = f"/people/{cast.colleague.pk}/"
    given = {"organisation": cast.clinic.pk, "role": Role.ADMINISTRATOR}
    assert b"from now on" in admin_client.post(page, given, follow=True).content
    role = Membership.objects.get(user=cast.colleague, role=Role.ADMINISTRATOR)
    taken = admin_client.post(f"/roles/{role.pk}/take/", follow=True)
    assert b"No longer: Dr. Omar Diallo, Administrator" in taken.content


def test_a_refused_button_says_why(cast, admin_client):
    role = Membership.objects.get(user=cast.administrator)
    answer = admin_client.post(f"/roles/{role.pk}/take/", follow=True)
    assert b"would be left without an administrator" in answer.content


def test_somebody_is_deactivated_and_activated_on_the_page(cast, admin_client):
    page = f"/people/{cast.colleague.pk}/"
    off = admin_client.post(f"{page}deactivate/", follow=True)
    assert b"is locked out everywhere" in off.content
    assert b"Deactivated" in off.content
    assert b"may sign in again" in admin_client.post(f"{page}activate/", follow=True).content


def test_an_organisation_is_opened_and_changed(site_administrator, client_of):
    client = client_of(site_administrator)
    made = client.post(
        "/organisations/new/",
        {"name": "Lake Clinic", "code": "LAK", "kind": "clinic", "time_zone": "Africa/Nairobi"},
        follow=True,
    )
    assert b"Now invite its first administrator" in made.content
    lake = Organisation.objects.get(code="LAK")
    wanted = {"name": "Lakeside Clinic", "time_zone": "Africa/Nairobi"}
    assert b"Saved." in client.post(f"/organisations/{lake.pk}/", wanted, follow=True).content
    lake.refresh_from_db()
    assert lake.name == "Lakeside Clinic"


def test_an_agreement_is_made_and_ended_on_the_clinics_page(cast, admin_client):
    page = f"/organisations/{cast.clinic.pk}/"
    far = Organisation.objects.get(code="FAR")
    made = admin_client.post(f"{page}agreements/", {"laboratory": far.pk}, follow=True)
    assert b"Far Laboratory reads for Riverside Clinic from now on" in made.content
    agreement = ReadingAgreement.objects.get(clinic=cast.clinic, laboratory=far)
    ended = admin_client.post(f"/agreements/{agreement.pk}/end/", follow=True)
    assert b"no longer reads for" in ended.content
    odd = admin_client.post(f"{page}agreements/", {"laboratory": cast.clinic.pk}, follow=True)
    assert b"Choose a laboratory" in odd.content


def test_a_laboratory_ends_an_agreement_on_its_own_page(cast, client_of):
    agreement = ReadingAgreement.objects.get(clinic=cast.clinic)
    client = client_of(cast.laboratory_administrator)
    answer = client.post(f"/agreements/{agreement.pk}/end/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/organisations/{cast.laboratory.pk}/"
    assert answer.status_code == 200


def test_a_page_without_tokens_says_what_a_token_is_for(cast, admin_client, client_of):
    assert b"Make the first token" in admin_client.get("/tokens/").content
    laboratory = client_of(cast.laboratory_administrator).get("/tokens/").content
    assert b"You administer no clinic" in laboratory
    assert not ApiToken.objects.exists()


def test_the_profile_names_ones_roles(cast, client_of):
    assert b"Submitter at Riverside Clinic" in client_of(cast.submitter).get("/profile/").content


def test_the_invitation_is_sent_again_and_sessions_are_ended_by_button(cast, admin, admin_client):
    offer = users.user_invite(
        actor=admin, organisation=cast.clinic, email="n@example.org", name="N", role=Role.SUBMITTER
    )
    again = admin_client.post(f"/roles/{offer.pk}/invite-again/", follow=True)
    assert b"A new link goes to n@example.org" in again.content
    out = admin_client.post(f"/people/{cast.colleague.pk}/sign-out/", follow=True)
    assert b"Dr. Omar Diallo is signed out everywhere" in out.content


def test_the_worker_mails_the_invitation(cast, admin):
    offer = users.user_invite(
        actor=admin, organisation=cast.clinic, email="n@example.org", name="N", role=Role.SUBMITTER
    )
    send_invitation(offer.user_id, str(cast.clinic.pk))
    assert mail.outbox[0].to == ["n@example.org"]
