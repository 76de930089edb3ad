"""Who leaves the desk is signed off; the page itself cannot keep the session alive."""

from __future__ import annotations

import time

import pytest

from accounts.middleware import LAST_ACTIVE
from accounts.models import AuditEvent


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [time.time()]
    monkeypatch.setattr("accounts.middleware.time.time", lambda: now[0])

    def pass_seconds(seconds: float) -> None:
        now[0] += seconds

    return pass_seconds


@pytest.fixture
def client(cast, client_of, clock, settings):
    settings.IDLE_LOGOFF_SECONDS = 600
    client = client_of(cast.submitter)
    client.get("/profile/")
    return client


def test_activity_keeps_the_session(client, clock):
    for _ in range(4):
        clock(500)
        assert client.get("/profile/").status_code == 200


def test_an_idle_page_leads_to_sign_in_and_back(client, clock):
    clock(601)
    answer = client.get("/profile/?a=b")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=%2Fprofile%2F%3Fa%3Db&reason=idle"
    page = client.get(answer["Location"])
    assert b"You were signed out because nobody used this page" in page.content
    assert AuditEvent.objects.filter(action="sign_out", after={"reason": "idle"}).exists()


def test_polling_is_no_activity(client, clock):
    for _ in range(3):
        clock(190)
        assert client.get("/profile/", headers={"x-background": "1"}).status_code == 200
    clock(190)
    assert client.get("/profile/", headers={"x-background": "1"}).status_code == 302


def test_a_fragment_sends_the_whole_page_to_sign_in(client, clock):
    clock(601)
    answer = client.get(
        "/profile/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/cases/?q=1"},
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/account/login/?next=%2Fcases%2F%3Fq%3D1&reason=idle"


def test_the_way_back_never_leads_to_another_site(client, clock):
    clock(601)
    answer = client.post("/profile/", {}, headers={"referer": "https://evil.example/x"})
    assert answer["Location"] == "/account/login/?next=%2F&reason=idle"


def test_a_form_sent_too_late_leads_back_to_its_page(client, clock):
    clock(601)
    answer = client.post(
        "/profile/", {"name": "X"}, headers={"referer": "http://testserver/profile/"}
    )
    assert answer["Location"] == "/account/login/?next=%2Fprofile%2F&reason=idle"


def test_a_program_is_told_that_what_it_sent_is_kept(client, clock):
    clock(601)
    answer = client.get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "signed_out"
    assert "what was sent before is kept" in answer.json()["detail"]


def test_the_sign_in_page_itself_is_never_refused(client, clock):
    clock(601)
    assert client.get("/account/login/").status_code == 200
    assert LAST_ACTIVE not in client.session


def test_busy_requests_write_the_session_rarely(client, clock, django_assert_num_queries):
    clock(10)
    client.get("/profile/")
    writes = AuditEvent.objects.count()
    before = client.session[LAST_ACTIVE]
    clock(10)
    client.get("/profile/")
    assert client.session[LAST_ACTIVE] == before
    assert AuditEvent.objects.count() == writes
