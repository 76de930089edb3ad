"""Nonsense behind the question mark: refused or ignored, never a fault."""

from __future__ import annotations

import random
from base64 import b64encode

import pytest
from django.urls import reverse

from tests.adversary.conftest import PEOPLE
from tests.permissions import ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

SEED = 20261121
ROUNDS = 2
PARAMETERS = (
    *("page", "q", "text", "clinic", "priority", "specimen", "mine", "unassigned", "warning"),
    *("status", "query", "since", "until", "person", "action", "obj", "organisation", "before"),
    *("cursor", "page_size", "case", "audience", "s", "conclusion", "next", "reason"),
)
NONSENSE = (
    *("", "-1", "0", "abc", "not-a-uuid", "9" * 30, "1e309", "NaN", "٣", "²", "[]", "{}", "%"),
    *("\x00", "a\x00b", "x" * 10_000, "x " * 5_000, "'; DROP TABLE cases_case; --"),
    *("2026-13-45", "0000-00-00", "0001-01-01", "9999-12-31", "31.02.2019"),
    *("\u202eabc", "😀", "e\u0301\u0327", "\ufeff", "00000000-0000-0000-0000-000000000000"),
)
CURSORS = ("p=", "p=abc", "p=\x00", "p=1", "p=" + "9" * 40, "o=" + "9" * 20, "o=-1", "r=1", "r=x")
LISTS = ("case-list", "patient-list", "image-list", "audit-list", "organisation-list", "model-list")


def address_of(name: str, world: World) -> str:
    return reverse(name, kwargs=world.arguments(ROUTES[name].about, ROUTES[name].extra))


def test_no_query_breaks_a_page(browsers, world: World):
    dice, faults = random.Random(SEED), []
    for name in (name for name, row in ROUTES.items() if row.method == "get"):
        who = next((person for person in PEOPLE if person in ROUTES[name].allowed), PEOPLE[0])
        for _ in range(ROUNDS):
            query = {one: dice.choice(NONSENSE) for one in dice.sample(PARAMETERS, 8)}
            if browsers[who].get(address_of(name, world), query).status_code >= 500:
                faults.append((name, query))
    assert not faults


@pytest.mark.parametrize(
    "name",
    [
        *("cases:patient_list", "cases:case_list", "cases:case_rows", "cases:queue"),
        *("cases:queue_rows", "cases:live_since", "accounts:user_list", "accounts:audit_log"),
        *("accounts:audit_csv", "queue-list", *LISTS),
    ],
)
def test_no_single_nonsense_breaks_a_list(name, browsers, world: World):
    who = next(person for person in ("administrator", *PEOPLE) if person in _lookers(name))
    faults = [
        value
        for value in NONSENSE
        if browsers[who].get(reverse(name), dict.fromkeys(PARAMETERS, value)).status_code >= 500
        or browsers[who].get(reverse(name), {"status": value, "cursor": ""}).status_code >= 500
    ]
    assert not faults


def _lookers(name: str) -> frozenset[str]:
    return ROUTES[name].allowed or frozenset(PEOPLE)


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_that_was_never_given_out_finds_nothing(name, browsers, world: World):
    for text in CURSORS:
        cursor = b64encode(text.encode()).decode()
        answer = browsers["administrator"].get(reverse(name), {"cursor": cursor})
        assert answer.status_code in {200, 404}, text
        if answer.status_code == 404:
            assert answer["Content-Type"] == "application/problem+json"


def test_an_unknown_state_is_named_in_the_answer(browsers, world: World):
    answer = browsers["submitter"].get(reverse("case-list"), {"status": "\x00"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "status"
    kept = browsers["submitter"].get(reverse("case-list"), {"status": ["in_review", "draft"]})
    assert len(kept.json()["results"]) == 1
