"""Lists: found, ordered, never more queries for more rows; empty ones say what to do next."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.choices import CaseStatus
from cases.models import SavedFilter
from cases.services.transitions import announce
from tests import factories
from tests.cases.reading import case_in_review, ready_case

NEWS_QUERIES = 13
"""One for the audiences, four for each of the three: the case, its clinic, the laboratory."""


@pytest.fixture
def clinic(cast, client_of):
    return client_of(cast.submitter)


@pytest.fixture
def reader(cast, client_of):
    return client_of(cast.first_reader)


def queries(client, address: str) -> int:
    client.get(address)  # the session and its caches are warm afterwards
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize("name", ["queue", "queue_rows", "case_list", "case_rows", "patient_list"])
def test_a_longer_list_asks_the_database_no_more_often(name, reader, cast):
    ready_case(cast)
    few = queries(reader, reverse(f"cases:{name}"))
    for _ in range(6):
        ready_case(cast)
    assert queries(reader, reverse(f"cases:{name}")) == few


def test_a_case_with_more_pictures_and_cells_asks_no_more_often(reader, cast):
    small = case_in_review(cast, {"blast": 1})
    large = case_in_review(cast, {"blast": 9, "lymphocyte": 9})
    pages = [reverse("cases:case_detail", args=[case.pk]) for case in (small, large)]
    assert queries(reader, pages[0]) == queries(reader, pages[1])


def test_the_clinics_page_asks_no_more_often_for_more_pictures(clinic, cast):
    cases = [factories.CaseFactory(patient__clinic=cast.clinic) for _ in range(2)]
    factories.SmearImageFactory.create_batch(1, case=cases[0])
    factories.SmearImageFactory.create_batch(8, case=cases[1])
    pages = [reverse("cases:case_detail", args=[case.pk]) for case in cases]
    assert queries(clinic, pages[0]) == queries(clinic, pages[1])


def test_empty_lists_say_what_to_do_next(clinic, reader):
    assert "Register a patient" in clinic.get(reverse("cases:patient_list")).content.decode()
    assert "Go to the patients" in clinic.get(reverse("cases:case_list")).content.decode()
    assert "appears here by itself" in reader.get(reverse("cases:queue")).content.decode()
    nothing = clinic.get(reverse("cases:case_list") + "?q=unheard-of").content.decode()
    assert "Take one of the filters away" in nothing


def test_an_empty_filter_says_only_that_and_how_many_it_hides(reader, cast):
    ready_case(cast)
    page = reader.get(reverse("cases:queue") + "?specimen=bone_marrow").content.decode()
    assert "Nothing matches these filters</strong> · 1 hidden." in page
    assert "Nothing waits" not in page


def test_a_clinics_people_have_no_queue(clinic):
    assert clinic.get(reverse("cases:queue")).status_code == 403
    assert reverse("cases:queue") not in clinic.get(reverse("cases:case_list")).content.decode()


def test_a_row_carries_the_full_name_and_the_record_number(reader, cast):
    patient = ready_case(cast).patient
    for name in ("queue", "case_list"):
        page = reader.get(reverse(f"cases:{name}")).content.decode()
        assert f"<td>{patient.name}" in page
        assert f"<td>{patient.mrn}</td>" in page


def test_a_reader_keeps_a_view_opens_it_and_forgets_it(reader, cast, client_of):
    kept = {
        "page": "queue",
        "name": " Marrow  urgent ",
        "query": "specimen=bone_marrow&after=x&text=",
    }
    sent = reader.post(reverse("cases:filter_save"), kept)
    assert sent.headers["Location"] == reverse("cases:queue") + "?specimen=bone_marrow"
    reader.post(reverse("cases:filter_save"), kept)  # a second click changes nothing
    (view,) = SavedFilter.objects.all()
    assert (view.name, view.query) == ("Marrow urgent", "specimen=bone_marrow")
    assert "Marrow urgent" in reader.get(reverse("cases:queue")).content.decode()
    other = client_of(cast.second_reader)
    assert "Marrow urgent" not in other.get(reverse("cases:queue")).content.decode()
    forget = reverse("cases:filter_forget", args=[view.pk])
    assert other.post(forget).status_code == 404
    assert reader.post(forget).status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("order", ["", "patient", "-patient", "opened", "signed", "nonsense"])
def test_a_heading_orders_the_list(order, reader, cast):
    names = [ready_case(cast, {}).patient.name for _ in range(3)]
    page = reader.get(reverse("cases:case_list") + f"?order={order}")
    found = [case.patient.name for case in page.context["cases"]]
    assert found == (names if order in ("opened", "patient") else names[::-1]) or order == "patient"


def test_the_news_of_a_case_costs_the_same_whatever_else_there_is(cast):
    case = ready_case(cast, {})
    announce(case, "case.changed", {})
    with CaptureQueriesContext(connection) as first:
        announce(case, "case.changed", {})
    for _ in range(5):
        ready_case(cast, {})
        announce(case, "case.changed", {})
    with CaptureQueriesContext(connection) as later:
        announce(case, "case.changed", {})
    assert len(later) == len(first) <= NEWS_QUERIES


def test_rows_of_the_queue_keep_their_place_and_new_ones_come_last(reader, cast):
    first, second = ready_case(cast), ready_case(cast)
    urgent = ready_case(cast, priority=2)
    shown = f"?s={second.pk}&s={first.pk}&s=nonsense"
    rows = reader.get(reverse("cases:queue_rows") + shown)
    assert [case.pk for case in rows.context["cases"]] == [second.pk, first.pk, urgent.pk]
    assert 'data-new="1"' in rows.content.decode()


def test_a_row_that_left_the_queue_stays_and_says_where_it_went(reader, cast):
    case = ready_case(cast, status=CaseStatus.SIGNED)
    rows = reader.get(reverse("cases:queue_rows") + f"?s={case.pk}").content.decode()
    assert case.accession in rows
    assert "Signed" in rows
    assert "Claim" not in rows


def test_a_stranger_to_the_clinic_is_shown_no_row_by_naming_its_id(client_of, cast):
    case = ready_case(cast)
    rows = client_of(cast.outside_reader).get(reverse("cases:queue_rows") + f"?s={case.pk}")
    assert case.accession not in rows.content.decode()


def test_a_page_names_the_last_event_before_what_it_shows(clinic, cast):
    case = factories.CaseFactory(patient__clinic=cast.clinic)
    page = clinic.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert f'<meta name="live" content="case:{case.pk}#0">' in page


@pytest.mark.parametrize(
    ("who", "start"),
    [
        ("submitter", "cases:case_list"),
        ("first_reader", "cases:queue"),
        ("administrator", "accounts:user_list"),
    ],
)
def test_each_role_starts_where_its_work_is(who, start, client_of, cast):
    sent = client_of(getattr(cast, who)).get(reverse("cases:home"))
    assert sent.headers["Location"] == reverse(start)


def test_somebody_without_a_role_reads_whom_to_ask(client_of, db):
    page = client_of(factories.UserFactory()).get(reverse("cases:home"))
    assert "ask the administrator" in page.content.decode()
