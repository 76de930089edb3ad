"""Signing in and out: what is allowed, what is noted, what is slowed down."""

from __future__ import annotations

import json
import re
from smtplib import SMTPServerDisconnected

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import SITE_CHAIN, AuditEvent, User
from accounts.secrets import unseal
from tests.factories import PASSWORD

LOGIN = "/account/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def noted(action: str) -> set:
    return set(AuditEvent.objects.filter(action=action).values_list("chain", flat=True))


def test_signing_in_and_out_stands_in_the_chains_of_the_site_and_the_clinic(cast, client):
    both = {SITE_CHAIN, cast.clinic.pk}
    assert sign_in(client, cast.submitter.email).status_code == 302
    assert noted("sign_in") == both
    client.post("/account/logout/")
    assert noted("sign_out") == both
    event = AuditEvent.objects.filter(action="sign_in").first()
    assert (event.actor_name, event.address) == ("Nurse Sana Ito", "127.0.0.1")
    assert len(event.request_id) == 32


def test_the_address_is_the_same_in_any_case(cast, client):
    assert sign_in(client, cast.submitter.email.upper()).status_code == 302


def test_a_wrong_password_is_noted_where_the_person_belongs(cast, client):
    answer = sign_in(client, cast.submitter.email, "wrong-wrong-wrong")
    assert answer.status_code == 200
    assert noted("sign_in.failed") == {SITE_CHAIN, cast.clinic.pk}


def test_an_address_without_an_account_is_noted_but_not_kept(cast, client):
    sign_in(client, "my-secret-password@example.org")
    event = AuditEvent.objects.get(action="sign_in.failed")
    assert event.chain == SITE_CHAIN
    assert "my-secret" not in repr(event.__dict__)


def test_both_kinds_of_failure_look_the_same(cast, client):
    texts = [
        re.sub(
            r'value="[^"]*"|X-CSRFToken[^}]*', "", sign_in(client, email, "x" * 14).content.decode()
        )
        for email in (cast.submitter.email, "nobody@example.org")
    ]
    assert texts[0] == texts[1]


def test_guessing_is_slowed_down(cast, client):
    for _ in range(5):
        sign_in(client, cast.submitter.email, "wrong-wrong-wrong")
    answer = sign_in(client, cast.submitter.email)
    assert answer.status_code == 200
    assert b"Too many tries with a wrong password" in answer.content


def test_guesses_from_elsewhere_lock_nobody_out(cast, client):
    for _ in range(6):
        sign_in(client, cast.submitter.email, "wrong-wrong-wrong", REMOTE_ADDR="203.0.113.9")
    assert sign_in(client, cast.submitter.email).status_code == 302


def test_a_try_while_locked_is_noted_too(cast, client):
    for _ in range(7):
        sign_in(client, cast.submitter.email, "wrong-wrong-wrong")
    reasons = AuditEvent.objects.filter(action="sign_in.failed", chain=SITE_CHAIN)
    assert [one.after["reason"] for one in reasons.order_by("id")] == [
        *["wrong address or password"] * 5,
        *["too many tries, not checked"] * 2,
    ]


@pytest.fixture
def besieged(cast, settings):
    """A stranger at changing addresses used up all tries for the submitter's account."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "100/m/key", "login_everywhere": "3/h/key"}
    for n in range(3):
        sign_in(Client(), cast.submitter.email, "wrong-wrong-wrong", REMOTE_ADDR=f"203.0.113.{n}")


def test_tries_from_everywhere_together_are_limited(cast, besieged):
    assert sign_in(Client(), cast.submitter.email).status_code == 200


def test_a_device_that_knows_the_account_passes(cast, client, settings):
    sign_in(client, cast.submitter.email)
    client.post("/account/logout/")
    settings.ACCOUNT_RATE_LIMITS = {"login_everywhere": "1/h/key"}
    sign_in(Client(), cast.submitter.email, "wrong-wrong-wrong")
    assert sign_in(Client(), cast.submitter.email).status_code == 200
    assert sign_in(client, cast.submitter.email).status_code == 302


def test_somebody_under_the_same_roof_locks_no_known_device_out(cast, client):
    sign_in(client, cast.submitter.email)
    client.post("/account/logout/")
    for n in range(70):  # above every limit of one address
        sign_in(Client(), f"nobody-{n}@example.org", "wrong-wrong-wrong")
    assert sign_in(Client(), cast.submitter.email).status_code in {200, 429}
    assert sign_in(client, cast.submitter.email).status_code == 302


def test_a_device_that_knows_another_account_does_not(cast, client, settings):
    sign_in(client, cast.colleague.email)
    client.post("/account/logout/")
    settings.ACCOUNT_RATE_LIMITS = {"login_everywhere": "1/h/key"}
    sign_in(Client(), cast.submitter.email, "wrong-wrong-wrong")
    assert sign_in(client, cast.submitter.email).status_code == 200


def test_a_second_factor_passes(cast, besieged):
    TOTP.activate(cast.submitter, generate_totp_secret())
    assert sign_in(Client(), cast.submitter.email)["Location"] == "/account/2fa/authenticate/"


def test_the_secret_of_a_second_factor_is_not_in_the_database(cast):
    secret = generate_totp_secret()
    TOTP.activate(cast.submitter, secret)
    [kept] = Authenticator.objects.values_list("data", flat=True)
    assert secret not in json.dumps(kept)
    assert unseal(kept["secret"]) == secret


def test_a_deactivated_person_gets_no_mail_about_a_password(cast, client):
    User.objects.filter(pk=cast.submitter.pk).update(is_active=False)
    client.post("/account/password/reset/", {"email": cast.submitter.email})
    assert not mail.outbox


def test_too_many_requests_from_one_address_are_a_sentence(db, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [client.post(LOGIN) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert b"Wait five minutes" in answers[-1].content


def test_a_made_up_forwarding_header_does_not_dodge_the_limit(db, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    answers = [client.post(LOGIN, headers={"x-forwarded-for": f"10.0.0.{n}"}) for n in range(2)]
    assert answers[-1].status_code == 429


def test_people_sign_in_while_the_cache_is_away(cast, client, settings):
    there = settings.CACHES["default"]
    settings.CACHES = {"default": {**there, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert sign_in(client, cast.submitter.email).status_code == 302


def test_after_signing_out_no_page_is_left_in_the_browser(cast, client_of):
    client = client_of(cast.submitter)
    for path in ("/profile/", "/api/v1/me/", "/account/login/"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_nobody_signs_up(db, client):
    answer = client.post("/account/signup/", {"email": "a@b.org", "password1": PASSWORD})
    assert b"by invitation" in answer.content


def test_addresses_that_nobody_needs_do_not_exist():
    for name in ("account_email", "account_confirm_email", "account_request_login_code"):
        with pytest.raises(NoReverseMatch):
            reverse(name, args=["x"] if name == "account_confirm_email" else [])


def test_a_forgotten_password_is_replaced_by_mail(cast, client, client_of, settings):
    elsewhere = client_of(cast.submitter)
    sender = {"Host": "testserver:666"}
    client.post("/account/password/reset/", {"email": cast.submitter.email}, headers=sender)
    assert "testserver" not in mail.outbox[0].body
    link = re.search(rf"{settings.SITE_URL}(/account/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(link.group(1), follow=True)
    new = {"password1": "another-long-password", "password2": "another-long-password"}
    client.post(form.redirect_chain[-1][0], new)
    assert noted("password.reset") == {SITE_CHAIN, cast.clinic.pk}
    assert elsewhere.get("/profile/").status_code == 302
    assert sign_in(Client(), cast.submitter.email, new["password1"]).status_code == 302


def test_a_stranger_who_asks_for_a_new_password_learns_nothing(db, client):
    answer = client.post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert b"If the address has an account" in answer.content
    assert "There is no account" in mail.outbox[0].body


def test_a_changed_password_ends_the_other_sessions_and_is_told_by_mail(cast, client_of):
    here, there = client_of(cast.submitter), client_of(cast.submitter)
    new = "another-long-password"
    here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert noted("password.change") == {SITE_CHAIN, cast.clinic.pk}
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    assert "password" in mail.outbox[-1].body


def test_a_mail_server_that_is_away_is_a_sentence(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    answer = client.post("/account/password/reset/", {"email": cast.submitter.email})
    assert answer.status_code == 503
    assert b"could not be sent, so nothing was changed" in answer.content


def test_news_that_cannot_be_mailed_undo_nothing(cast, client_of, monkeypatch):
    def away(*args, **kwargs):
        raise SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    new = {"oldpassword": PASSWORD, "password1": "x" * 9 + "-long", "password2": "x" * 9 + "-long"}
    answer = client_of(cast.submitter).post("/account/password/change/", new)
    assert answer.status_code == 302
    cast.submitter.refresh_from_db()
    assert cast.submitter.check_password(new["password1"])


@pytest.mark.django_db(transaction=True)
def test_two_step_sign_in_from_set_up_to_recovery_code(cast, client):
    sign_in(client, cast.submitter.email)
    asked = client.get("/account/2fa/totp/activate/")
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    done = client.post("/account/2fa/totp/activate/", {"code": code}, follow=True)
    codes = done.context["unused_codes"]
    assert noted("second_factor.add") == {SITE_CHAIN, cast.clinic.pk}

    second = Client()
    step = sign_in(second, cast.submitter.email)
    assert step["Location"] == "/account/2fa/authenticate/"
    assert second.get("/profile/").status_code == 302
    wrong = second.post(step["Location"], {"code": "000000"})
    assert wrong.status_code == 200
    assert noted("sign_in.failed") == {SITE_CHAIN, cast.clinic.pk}
    second.post(step["Location"], {"code": codes[0]})
    assert second.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/account/login/",
        "/account/logout/",
        "/account/inactive/",
        "/account/signup/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/done/",
        "/account/password/reset/key/x-y/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/2fa/",
        "/account/2fa/reauthenticate/",
        "/account/2fa/totp/activate/",
        "/account/2fa/totp/deactivate/",
        "/account/2fa/recovery-codes/",
        "/account/2fa/recovery-codes/generate/",
    ],
)
def test_every_page_of_signing_in_has_the_frame_of_the_platform(path, cast, client, client_of):
    for one in (client, client_of(cast.submitter)):
        answer = one.get(path, follow=True)
        assert answer.status_code in {200, 404}
        assert b'class="bar"' in answer.content
        assert b"<script>" not in answer.content
