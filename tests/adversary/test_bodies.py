"""Nonsense in the body of a request: refused with a sentence, never a fault."""

from __future__ import annotations

import json
import random

import pytest
from django.db import transaction
from django.urls import reverse

from tests.permissions import ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

SEED = 20261121

FIELDS = (
    *("clinic", "mrn", "name", "sex", "birth_date", "patient", "specimen", "stain", "priority"),
    *("clinical_information", "collected_on", "cells", "cell_class", "reason", "reason_code"),
    *("reader", "conclusion", "comment", "meaning", "password", "replaces"),
)
VALUES = (None, True, 0, -1, 10**30, 1.5, "", "\x00", "x", [], [[]], {}, {"a": [1]}, "2026-02-30")
BODIES = (
    *(b"", b"[]", b"null", b"1", b'"x"', b"NaN", b'{"a"', b"\xff\xfe", b'{"name":"\\ud800"}'),
    *(b"[" * 100_000, b'{"a":' * 50_000, b'{"reader":1e400,"replaces":1e400}'),
    b'{"reader":' + b"9" * 5_000 + b"}",
)
STEPS = (
    *(("submitter", "patient-list"), ("submitter", "case-list"), ("submitter", "case-cancel")),
    *(("first_reader", "case-corrections"), ("first_reader", "case-send-back")),
    *(("first_reader", "case-signature"), ("first_reader", "case-amendments")),
    ("administrator", "case-assign"),
)


@pytest.mark.parametrize(("who", "name"), STEPS)
def test_no_body_breaks_the_api(who, name, browsers, world: World):
    address = reverse(name, kwargs=world.arguments(ROUTES[name].about, {}))
    dice = random.Random(SEED)
    random_bodies = [
        json.dumps({one: dice.choice(VALUES) for one in FIELDS}).encode() for _ in range(10)
    ]
    for body in (*BODIES, *random_bodies):
        before = transaction.savepoint()
        answer = browsers[who].post(address, body, content_type="application/json")
        transaction.savepoint_rollback(before)
        assert answer.status_code < 500, body[:80]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", b"x", {415}),
        ("application/xml", b"<a/>", {415}),
        (";;;", b"x", {415}),
        ("multipart/form-data", b"x", {415}),
        ("application/json; charset=nonsense", b"{}", {400, 422}),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 3_000), {415}),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * (9 << 20), {415}),
        ("application/json", b'{"a":"' + b"x" * (9 << 20) + b'"}', {413}),
    ],
)
def test_no_content_type_breaks_api_or_page(content_type, body, status, browsers):
    for address in (reverse("patient-list"), reverse("cases:patient_new")):
        path = f"{address}?query=%C3%A4"
        answer = browsers["submitter"].generic("POST", path, body, content_type=content_type)
        assert answer.status_code < 500
        if address == reverse("patient-list"):
            assert answer.status_code in status, answer.content
            assert answer["Content-Type"] == "application/problem+json"


def test_a_body_that_no_page_sends_is_refused_with_a_page_of_ours(browsers):
    browser = browsers["submitter"]
    form = {f"field{n}": "1" for n in range(3_000)}
    answer = browser.post(reverse("cases:patient_new"), form)
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
