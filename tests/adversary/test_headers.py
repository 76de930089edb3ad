"""What every answer carries so that a browser helps to keep it safe."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD
from tests.permissions import ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

PAGES = [name for name, row in ROUTES.items() if row.method == "get" and row.allowed]
PERSON_OF = ("first_reader", "submitter", "administrator", "site_administrator")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "\x00//evil.example",
    " //evil.example",
)


@pytest.fixture
def browsers(cast, client_of) -> dict[str, Client]:
    return {person: client_of(getattr(cast, person)) for person in PERSON_OF}


def test_every_page_forbids_frames_foreign_scripts_sniffing_and_keeping(browsers, world: World):
    """API, pages and fragments; pictures name themselves how long their one browser keeps them."""
    for name in PAGES:
        row = ROUTES[name]
        who = next((person for person in PERSON_OF if person in row.allowed), None)
        answer = browsers[who].get(reverse(name, kwargs=world.arguments(row.about, row.extra)))
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert_policy_is_strict(answer["Content-Security-Policy"], name)
        # An answer without content has no type.
        kept = "private" if answer.get("Content-Type", "").startswith("image/") else "no-store"
        assert kept in answer["Cache-Control"] or name == "cases:image_dzi", name


def assert_policy_is_strict(policy: str, name: str) -> None:
    assert "unsafe" not in policy, name
    assert "frame-ancestors 'none'" in policy or "sandbox" in policy, name
    assert not re.search(r"(script|default)-src[^;]*(\*|https?:|data:)", policy), name


def test_error_pages_are_as_strict(browsers, db):
    for answer in (browsers["submitter"].get("/nothing/"), Client().get("/account/login/")):
        assert_policy_is_strict(answer["Content-Security-Policy"], "error")
        assert "no-store" in answer["Cache-Control"]


def test_a_form_without_its_token_changes_nothing_and_says_so(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.submitter)
    answer = browser.post(reverse("cases:patient_new"), {"name": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_cookies_of_a_session_are_for_this_site_over_tls_only(cast, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # as in production
    browser = Client()
    form = {"login": cast.submitter.email, "password": PASSWORD}
    cookies: SimpleCookie = browser.post("/account/login/", form).cookies
    session = cookies["sessionid"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")
    assert (cookies["csrftoken"]["secure"], cookies["csrftoken"]["samesite"]) == (True, "Lax")
    assert session["max-age"] == "", "the session ends with the browser"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_sign_in_or_out_leads_to_another_site(cast, target):
    browser = Client()
    form = {"login": cast.submitter.email, "password": PASSWORD, "next": target}
    for answer in (
        browser.post("/account/login/", form),
        browser.get("/account/login/", {"next": target}),
        browser.post("/account/logout/", {"next": target}),
    ):
        place = urlsplit(answer["Location"])
        assert (answer.status_code, place.scheme, place.netloc) == (302, "", "")
        assert not place.path.startswith(("//", "/\\", "\\"))
