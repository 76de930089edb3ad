"""Machine clients: what a token opens, and when it opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.choices import Role
from accounts.models import ApiToken, AuditEvent, Organisation
from accounts.services import tokens, users
from telepath.core.errors import Invalid, NotThere
from tests import factories

ME = "/api/v1/me/"


def get(client, secret: str, path: str = ME):
    return client.get(path, headers={"authorization": f"Bearer {secret}"})


def test_a_token_says_who_it_is(cast, client, make_token):
    made = make_token("cases:read", "cases:write")
    me = get(client, made.secret).json()
    assert me["kind"] == "token"
    assert me["clinics"] == [str(cast.clinic.pk)]
    assert me["scopes"] == ["cases:read", "cases:write"]
    assert me["administers"] == []


def test_the_secret_is_kept_nowhere(make_token):
    made = make_token()
    secret = made.secret.rsplit("_", 1)[-1]
    row = ApiToken.objects.values().get()
    assert secret not in repr(row)
    assert secret not in repr(list(AuditEvent.objects.values()))
    assert made.secret.startswith("tp_")


def test_a_revoked_token_opens_nothing_and_its_use_is_noted_once(cast, admin, client, make_token):
    made = make_token()
    tokens.token_revoke(actor=admin, token=made.token)
    for _ in range(3):
        answer = get(client, made.secret)
        assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["detail"].startswith("This token was revoked")
    assert AuditEvent.objects.filter(action="token.refused", chain=cast.clinic.pk).count() == 1


def test_an_expired_token_opens_nothing(client, make_token):
    made = make_token()
    ApiToken.objects.update(expires_at=timezone.now())
    assert "has expired" in get(client, made.secret).json()["detail"]


def test_a_token_of_a_closed_organisation_opens_nothing(cast, client, make_token):
    made = make_token()
    Organisation.objects.filter(pk=cast.clinic.pk).update(is_active=False)
    assert get(client, made.secret).status_code == 401


@pytest.mark.parametrize("secret", ["", "x", "tp__", "tp_00000000_x", "tp_é_é", "a b"])
def test_an_invented_token_opens_nothing(secret, db, client):
    assert get(client, secret).status_code == 401


def test_the_right_prefix_with_a_wrong_secret_opens_nothing(client, make_token):
    made = make_token()
    assert get(client, f"tp_{made.token.prefix}_wrong").status_code == 401


def test_a_bad_token_is_not_saved_by_a_good_session(cast, client_of):
    assert get(client_of(cast.submitter), "tp_00000000_x").status_code == 401


def test_a_token_opens_no_page(client, make_token):
    answer = get(client, make_token().secret, "/profile/")
    assert answer.status_code == 302


def test_a_token_reads_no_audit_log(client, make_token):
    answer = get(client, make_token("cases:read", "cases:write").secret, "/api/v1/audit/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_token_without_the_scope_sees_no_organisation_but_its_own(cast, client, make_token):
    answer = get(client, make_token("cases:write").secret, "/api/v1/organisations/")
    assert [one["code"] for one in answer.json()["results"]] == ["RIV"]


def test_the_last_use_is_noted(client, make_token):
    made = make_token()
    get(client, made.secret)
    made.token.refresh_from_db()
    assert timezone.now() - made.token.last_used_at < timedelta(minutes=1)


def test_a_token_is_checked_in_one_query(make_token, django_assert_num_queries):
    made = make_token()
    tokens.token_of(made.secret)
    with django_assert_num_queries(1):
        tokens.token_of(made.secret)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["cases:sign"]}, "scopes"),
        ({"lifetime": timedelta(days=400)}, "days"),
        ({"lifetime": timedelta(0)}, "days"),
    ],
)
def test_an_impossible_token_is_refused(changes, field, cast, admin):
    wanted = {"scopes": ["cases:read"], "lifetime": timedelta(days=1), "name": "X"}
    with pytest.raises(Invalid) as refused:
        tokens.token_create(actor=admin, organisation=cast.clinic, **{**wanted, **changes})
    assert refused.value.field == field


def test_only_the_clinics_own_administrator_makes_and_revokes_tokens(
    cast, make_token, site_administrator
):
    made = make_token()
    for person in (
        cast.submitter,
        cast.laboratory_administrator,
        cast.outsider,
        site_administrator,
    ):
        actor = actor_of_user(person)
        with pytest.raises(NotThere):
            tokens.token_revoke(actor=actor, token=made.token)
        with pytest.raises(NotThere):
            tokens.token_create(
                actor=actor,
                organisation=cast.clinic,
                name="X",
                scopes=["cases:read"],
                lifetime=timedelta(days=1),
            )


def test_a_laboratory_has_no_machine_clients(cast):
    with pytest.raises(Invalid, match="Only a clinic"):
        tokens.token_create(
            actor=actor_of_user(cast.laboratory_administrator),
            organisation=cast.laboratory,
            name="X",
            scopes=["cases:read"],
            lifetime=timedelta(days=1),
        )


def test_the_page_shows_the_secret_once(cast, admin_client):
    answer = admin_client.post(
        "/tokens/new/",
        {"organisation": cast.clinic.pk, "name": "Scanner", "scopes": "cases:read", "days": 10},
    )
    secret = answer.context["made"].secret
    assert secret.encode() in answer.content
    assert "no-store" in answer["Cache-Control"]
    listed = admin_client.get("/tokens/").content
    assert b"Scanner" in listed
    assert secret.encode() not in listed
    token = ApiToken.objects.get()
    admin_client.post(f"/tokens/{token.pk}/revoke/")
    assert b"Revoked" in admin_client.get("/tokens/").content


def test_a_token_that_submits_reads_too(cast, client, make_token):
    assert get(client, make_token("cases:write").secret, "/api/v1/cases/").status_code == 200


def test_a_token_outlives_its_maker_and_somebody_else_answers_for_it(
    cast, admin, client, make_token
):
    made = make_token()
    second = factories.UserFactory()
    factories.MembershipFactory(user=second, organisation=cast.clinic, role=Role.ADMINISTRATOR)
    users.user_deactivate(actor=actor_of_user(second), user=cast.administrator)
    made.token.refresh_from_db()
    assert get(client, made.secret).status_code == 200
    assert (made.token.answerable, made.token.created_by) == (second, cast.administrator)
    assert AuditEvent.objects.get(action="token.inherit").chain == cast.clinic.pk
