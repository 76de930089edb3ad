"""Nonsense in every place where the outside world may write: refused or ignored, never a fault."""

from __future__ import annotations

import json
import random
from base64 import b64encode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from cases.models import Case, Patient, Upload
from tests import factories
from tests.cases.tus import ADDRESS, PART, encoded
from tests.permissions import ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

SEED = 20261121
ROUNDS = 2
PEOPLE = ("submitter", "first_reader", "administrator", "site_administrator")
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


@pytest.fixture
def browsers(cast, client_of) -> dict[str, Client]:
    """Faults come back as answers with status 500, as outside of tests."""
    made = {person: client_of(getattr(cast, person)) for person in PEOPLE}
    for browser in made.values():
        browser.raise_request_exception = False
    return made


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
        ("multipart/form-data", b"x", {400}),
        ("application/json; charset=nonsense", b"{}", {400, 422}),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 3_000), {400}),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * (9 << 20), {413}),
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


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Metadata": "case é"},
        {"Upload-Metadata": "é é"},
        {"Upload-Metadata": "case " + "A" * 100_000},
        {"Upload-Metadata": ",".join(f"k{n} YQ==" for n in range(5_000))},
        {"Upload-Metadata": encoded({"case": "\x00", "filename": "\x00"})},
        {"Upload-Length": "²"},
        {"Upload-Length": "1.5"},
        {"Upload-Length": "\x00"},
    ],
)
def test_no_announcement_of_an_upload_breaks_it(headers, browsers, world: World):
    sound = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    answer = browsers["submitter"].post(ADDRESS, headers={**sound, **headers}, content_type="")
    assert answer.status_code in {404, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("offset", ["-1", "abc", "9" * 18, "9" * 40, "²", "", "1.5", "\x00"])
def test_no_offset_moves_an_upload(offset, browsers, world: World):
    upload = world.rows["upload"]
    answer = browsers["submitter"].patch(
        reverse("upload", args=[upload.pk]),
        b"x",
        content_type=PART,
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": offset},
    )
    assert answer.status_code in {409, 422}
    assert Upload.objects.get(pk=upload.pk).offset == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": 'sessionid="aaaaaaaaaa\\000"'},
        {"Cookie": "sessionid=" + "a" * 4_000},
        {"Cookie": 'csrftoken="\\000"; messages="\\000"'},
        {"Accept": "text/html;q=x, */*;\x00, ,,,"},
        {"X-Request-ID": "a\x00b" * 10},
        {"User-Agent": "\x00" * 5_000},
        {"HX-Request": "1", "HX-Current-URL": "http://["},
        {"Authorization": "Bearer a_b\x00_c"},
        {"Authorization": "Bearer \xff_\xff_\xff"},
        {"Authorization": "Bearer tp_" + "x" * 10_000 + "_y"},
    ],
)
def test_no_header_of_a_stranger_breaks_page_or_api(headers, db):
    stranger = Client(raise_request_exception=False)
    for address, status in (("/", {302, 204}), (reverse("me-list"), {401})):
        assert stranger.get(address, headers=headers).status_code in status


@pytest.mark.parametrize(
    "path",
    [
        *("/%00", "/%ff%fe", "/static/%00", "/static/..%2f..%2fetc/passwd", "/cases/%00/"),
        *("/invitation/%00/x/", "/invitation/" + "9" * 500 + "/x/", "/invitation/%F0%9F%98%80/x/"),
        *("/account/password/reset/key/%00-x/", "/account/password/reset/key/zzzzzzzzzzzzzz-x/"),
        *("/people/" + "9" * 30 + "/", "/api/v1/cases/%00/"),
    ],
)
def test_no_address_breaks(path, browsers):
    assert browsers["administrator"].get(path).status_code in {200, 404, 410}


WRITINGS = (
    "‏מרים‎ أمينة",
    "😀🩸",
    "𠜎𠜱",
    "e\u0301\u0327\u0323",
    "Z\u0335\u0321a\u0334",
    "\u202eevil",
)


@pytest.mark.parametrize("writing", WRITINGS)
def test_any_writing_goes_in_and_comes_out_as_it_was(writing, cast, browsers):
    browser = browsers["submitter"]
    form = {
        "name": writing,
        "mrn": f"R {writing}",
        "sex": "female",
        "birth_date": "2019-05-04",
        "clinic": str(cast.clinic.pk),
    }
    page = browser.post(reverse("cases:patient_new"), form, follow=True)
    patient = Patient.objects.get()
    assert patient.name == writing
    assert writing in page.content.decode()
    assert writing in browser.get(reverse("cases:patient_list"), {"q": writing}).content.decode()
    smear = {"specimen": "peripheral_blood", "stain": "giemsa", "priority": "0"}
    smear["clinical_information"] = f"{writing}\n{writing}"
    browser.post(reverse("cases:case_new", args=[patient.pk]), smear)
    assert writing in Case.objects.get().clinical_information


def test_the_character_nul_is_refused_or_taken_out_wherever_people_write(cast, browsers):
    browser, day = browsers["submitter"], str(timezone.localdate())
    person = {"name": "A\x00na", "mrn": "R\x001", "sex": "female", "birth_date": day}
    clinic = {"clinic": str(cast.clinic.pk)}
    page = browser.post(reverse("cases:patient_new"), {**person, **clinic})
    assert page.status_code == 422
    assert {"name", "mrn"} <= set(page.context["form"].errors)
    told = browser.post(reverse("patient-list"), {**person, **clinic}, "application/json")
    assert told.status_code == 422
    case = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))
    for address, form in (
        (reverse("cases:case_cancel", args=[case.pk]), {"reason_code": "other", "reason": "\x00"}),
        (reverse("cases:case_edit", args=[case.pk]), {"clinical_information": "\x00"}),
        (reverse("accounts:profile"), {"name": "\x00"}),
    ):
        assert browser.post(address, form).status_code == 422
    assert not AuditEvent.objects.filter(action__in=["case.cancel", "user.rename"]).exists()
