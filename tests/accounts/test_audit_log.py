"""Reading the log: who sees which events, filters, pages, the export."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from accounts.actors import Actor, actor_of_user
from accounts.exports import harmless
from accounts.models import SITE_CHAIN, AuditEvent
from accounts.selectors import audit as trail
from accounts.selectors.audit import AuditFilters, audit_events, changes_of
from accounts.services import audit
from telepath.core.errors import NotAllowed
from tests import factories

EVERYTHING = AuditFilters()


@pytest.fixture
def events(cast) -> None:
    """A submitter's and a reader's event at the clinic, one elsewhere, one of the site."""
    case = factories.CaseFactory(patient__clinic=cast.clinic, accession="RIV-2026-000007")

    def note(user, action, chain, **more) -> None:
        audit.record(actor=actor_of_user(user), action=action, chain=chain, **more)

    note(cast.submitter, "case.submit", cast.clinic.pk, obj=case)
    note(
        cast.first_reader,
        "case.sign",
        cast.clinic.pk,
        obj=case,
        before={"status": "in_review"},
        after={"status": "signed"},
    )
    note(cast.outsider, "case.submit", cast.other_clinic.pk)
    audit.record(
        actor=Actor(kind="nobody", id="", name="nobody"), action="sign_in.failed", chain=None
    )


def seen_by(user, **filters) -> list[str]:
    found = audit_events(actor=actor_of_user(user), filters=AuditFilters(**filters))
    return [f"{one.actor_name}: {one.action}" for one in found]


def test_a_clinics_administrator_sees_the_clinics_chain(cast, events):
    assert seen_by(cast.administrator) == [
        "Dr. Mira Keller: case.sign",
        "Nurse Sana Ito: case.submit",
    ]


def test_a_laboratorys_administrator_sees_what_its_readers_did_at_the_clinic(cast, events):
    assert seen_by(cast.laboratory_administrator) == ["Dr. Mira Keller: case.sign"]


def test_a_site_administrator_sees_every_chain(site_administrator, events):
    assert len(seen_by(site_administrator)) == 4


def test_what_a_person_did_herself_is_shown_once_to_the_site(cast, client, site_administrator):
    client.force_login(cast.submitter)
    assert AuditEvent.objects.filter(action="sign_in").count() == 2
    assert seen_by(site_administrator) == ["Nurse Sana Ito: sign_in"]


def test_a_list_is_one_event_of_each_clinic_and_says_only_what_is_new(
    cast, as_actor, django_assert_max_num_queries
):
    reader, here, there = as_actor(cast.first_reader), cast.clinic.pk, cast.other_clinic.pk
    first, second, third = (uuid4() for _ in range(3))
    rows = [(here, first), (there, second)]
    asked = {"actor": reader, "action": "case.list", "asked": {"q": "okonkwo"}}
    with django_assert_max_num_queries(9):  # both chains begin
        audit.record_list(rows=rows, **asked)
    with django_assert_max_num_queries(1):
        audit.record_list(rows=rows, **asked)
    with django_assert_max_num_queries(7):
        audit.record_list(rows=[*rows, (here, third)], **asked)
    audit.record_list(actor=reader, action="case.list", rows=[], asked={"q": "nobody"})
    said = AuditEvent.objects.filter(action="case.list").order_by("id")
    assert [(one.chain, one.after["rows"]) for one in said if one.chain == here] == [
        (here, [str(first)]),
        (here, [str(third)]),
    ]
    assert {one.after["asked"]["q"] for one in said} == {"okonkwo"}
    assert said.count() == 3


def test_nobody_else_sees_any_of_it(cast, events):
    for person in (cast.submitter, cast.first_reader, cast.outsider):
        with pytest.raises(NotAllowed):
            seen_by(person)


@pytest.mark.parametrize(
    "filters",
    [
        {"person": "keller"},
        {"action": "case.s"},
        {"action": "case.sign"},
        {"action": "sign"},
        {"action": "Case signed"},
        {"obj": "000007"},
        {"since": timezone.now().date() - timedelta(days=1)},
        {"until": timezone.now().date() + timedelta(days=1)},
    ],
)
def test_a_filter_finds_what_it_names(filters, cast, events):
    assert "Dr. Mira Keller: case.sign" in seen_by(cast.administrator, **filters)


@pytest.mark.parametrize(
    "filters",
    [
        {"person": "weiss"},
        {"action": "cancel"},
        {"obj": "000008"},
        {"since": timezone.now().date() + timedelta(days=2)},
        {"until": timezone.now().date() - timedelta(days=2)},
        {"organisation": SITE_CHAIN},
    ],
)
def test_a_filter_leaves_out_the_rest(filters, cast, events):
    assert seen_by(cast.administrator, **filters) == []


def test_an_object_is_found_by_its_whole_id(cast, events):
    known = AuditEvent.objects.get(action="case.sign").object_id
    assert len(seen_by(cast.administrator, obj=known)) == 2


def test_before_and_after_read_side_by_side(events):
    (change,) = changes_of(AuditEvent.objects.get(action="case.sign"))
    assert change == ("status", "in_review", "signed")


def test_pages_follow_each_other_without_gap_or_overlap(cast, admin, monkeypatch):
    monkeypatch.setattr(trail, "PAGE", 4)
    for _ in range(10):
        audit.record(actor=admin, action="x", chain=cast.clinic.pk)
    seen, before = [], None
    while True:
        events = trail.audit_events(actor=admin, filters=EVERYTHING)
        page = trail.audit_page(events, before=before)
        seen += [one.sequence for one in page.events]
        if (before := page.older) is None:
            break
    assert seen == list(range(10, 0, -1))


def test_looking_at_the_log_is_noted_once_and_shown(cast, admin_client, events):
    for _ in range(2):
        page = admin_client.get("/audit/?person=keller")
    assert b"RIV-2026-000007" in page.content
    noted = AuditEvent.objects.filter(action="audit.view")
    assert [(one.chain, one.after) for one in noted] == [(cast.clinic.pk, {"person": "keller"})]


def test_the_log_takes_few_queries_however_many_events(
    cast, admin, admin_client, django_assert_max_num_queries
):
    for _ in range(30):
        audit.record(actor=admin, action="x", chain=cast.clinic.pk)
    admin_client.get("/audit/")
    with django_assert_max_num_queries(10):
        admin_client.get("/audit/")


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=9999999999999999999",
        "since=tomorrow",
        "until=9999-12-31",
        "organisation=1",
        "person=%00",
    ],
)
def test_a_nonsense_question_is_answered_with_the_log(query, admin_client):
    assert admin_client.get(f"/audit/?{query}").status_code == 200


def exported(client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/audit/export.csv{query}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_the_export_holds_the_same_events_and_is_noted(cast, admin_client, events, monkeypatch):
    monkeypatch.setattr(trail, "EXPORT_BATCH", 1)
    head, *rows = exported(admin_client, "?action=case.")
    assert head[0] == "time (UTC)"
    assert [row[3] for row in rows] == ["Dr. Mira Keller", "Nurse Sana Ito"]
    assert rows[0][8:10] == ['{"status": "in_review"}', '{"status": "signed"}']
    noted = AuditEvent.objects.get(action="audit.export")
    assert (noted.chain, noted.after) == (cast.clinic.pk, {"action": "case."})


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_no_cell_of_the_export_is_a_formula(cast, admin_client):
    name = '=HYPERLINK("https://evil.example","x")'
    audit.record(
        actor=Actor(kind="user", id="1", name=name),
        action="x",
        chain=cast.clinic.pk,
        label="@SUM(1)",
    )
    _, row, *_ = exported(admin_client, "?action=x")
    assert row[3] == "'" + name
    assert row[6] == "'@SUM(1)"


@pytest.mark.django_db(transaction=True)
def test_the_server_sends_the_export_piece_by_piece(cast, events, monkeypatch):
    monkeypatch.setattr(trail, "EXPORT_BATCH", 1)

    async def pieces() -> list[bytes]:
        client = AsyncClient()
        await sync_to_async(client.force_login)(cast.administrator)
        answer = await client.get("/audit/export.csv?action=case.")
        return [piece async for piece in answer.streaming_content]

    head, *rows = async_to_sync(pieces)()
    assert head.startswith("\ufefftime (UTC)".encode())
    assert len(rows) == 2


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", "\t=1", "\r=1", ";=1", " ,=1", "\uff1d1", "\u200b=1"]
    + [
        " " * 9 + "=1",
        ";" * 500 + "\uff1d1",
        "\u2060=1",
        "\u3000=1",
        "\xa0+1",
        "\uff1b@x",
        "\x0b=1",
    ],
)
def test_a_dangerous_cell_is_made_harmless(text):
    assert harmless(text) == "'" + text


def test_a_plain_cell_stays_as_it_is():
    assert harmless("Dr. Mira Keller") == "Dr. Mira Keller"
