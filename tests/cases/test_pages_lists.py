"""Lists: found, ordered, never more queries for more rows; empty ones say what to do next."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.choices import CaseStatus
from tests import factories
from tests.cases.reading import case_in_review, ready_case


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
    assert "Ask the administrator" in page.content.decode()
