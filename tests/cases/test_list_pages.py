"""Pages by key: every row once, forwards and backwards; a page costs the same however deep."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import actor_of_user
from cases.models import Case, Patient
from cases.selectors.cases import (
    CASE_ORDERS,
    PATIENT_ORDERS,
    CaseFilters,
    case_page,
    patient_page,
)
from cases.selectors.pages import Order, Place, page_at
from cases.selectors.queue import QUEUE_ORDERS, review_queue
from tests import factories

SIZE = 3


@pytest.fixture
def many(cast):
    """Cases that share keys, with and without a time of signature."""
    now = timezone.now()
    times = itertools.cycle([None, now, now - timedelta(days=1)])
    names = itertools.cycle(["Ana", "Zoë", "Müller", "Mueller"])
    return [
        factories.CaseFactory(
            patient=factories.PatientFactory(clinic=cast.clinic, name=next(names)),
            signed_at=(at := next(times)),
            submitted_at=at,
            status="ready",
            concern=number % 4,
        )
        for number in range(11)
    ]


def walk(found, order: Order, within):
    """All pages to the end, and back again to the beginning."""
    page = page_at(found, order=order, within=within, size=SIZE)
    there = [page]
    while page.next:
        page = page_at(found, order=order, within=within, place=Place(after=page.next), size=SIZE)
        there.append(page)
    back = [page]
    while page.previous:
        place = Place(before=page.previous)
        page = page_at(found, order=order, within=within, place=place, size=SIZE)
        back.append(page)
    return [rows(there), rows(reversed(back))]


def rows(pages):
    return [row.pk for page in pages for row in page.rows]


ORDERS = [*CASE_ORDERS.values(), *QUEUE_ORDERS.values()]


@pytest.mark.parametrize("order", [*ORDERS, *(one.of_few() for one in ORDERS)], ids=str)
def test_every_case_is_met_once_on_the_way_there_and_back(many, order):
    found = Case.objects.all()
    whole = [case.pk for case in found.order_by(*order.terms())]
    assert walk(found, order, found) == [whole, whole]


@pytest.mark.parametrize("order", PATIENT_ORDERS.values(), ids=str)
def test_every_patient_likewise(many, order):
    found = Patient.objects.all()
    whole = [patient.pk for patient in found.order_by(*order.terms())]
    assert walk(found, order, found) == [whole, whole]


def test_a_row_that_left_the_list_still_says_where_the_next_page_begins(many, cast):
    actor = actor_of_user(cast.first_reader)
    place = Place(after=many[5].pk)
    expected = [case.pk for case in case_page(actor=actor, place=place).rows]
    Case.objects.filter(pk=many[5].pk).update(status="signed")
    assert [case.pk for case in case_page(actor=actor, place=place).rows] == expected


def test_the_key_of_a_strangers_row_leads_to_the_beginning(many, cast):
    own = factories.CaseFactory(patient__clinic=cast.other_clinic)
    actor = actor_of_user(cast.outsider)
    assert case_page(actor=actor, place=Place(after=many[5].pk)).rows == [own]


@pytest.mark.parametrize("place", ["first", "deep"])
def test_a_page_costs_two_queries_however_deep(many, cast, place, django_assert_max_num_queries):
    actor = actor_of_user(cast.first_reader)
    where = Place(after=many[5].pk) if place == "deep" else Place()
    with django_assert_max_num_queries(2):
        case_page(actor=actor, place=where)
    with django_assert_max_num_queries(2):
        patient_page(
            actor=actor, place=Place(after=many[5].patient_id) if place == "deep" else where
        )


def test_patients_come_with_the_number_of_their_cases(many, cast):
    patient = many[0].patient
    factories.CaseFactory(patient=patient)
    page = patient_page(actor=actor_of_user(cast.first_reader), query=patient.mrn)
    assert [(row.pk, row.case_count) for row in page.rows] == [(patient.pk, 2)]


def test_the_queue_is_ordered_by_its_index(many, cast):
    sql = str(review_queue(actor=actor_of_user(cast.first_reader)).query)
    assert sql.endswith(
        'ORDER BY "cases_case"."priority" DESC, "cases_case"."concern" DESC, '
        '"cases_case"."submitted_at" ASC NULLS LAST, "cases_case"."id" ASC'
    )


@pytest.mark.parametrize(("query", "walks"), [("", True), ("okon", True), ("MRN-0500000", False)])
def test_who_asks_for_a_number_is_not_made_to_walk_along_the_list(many, cast, query, walks):
    """However PostgreSQL guesses: with no index to follow it finds the rows, then sorts them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as caught:
        case_page(actor=actor_of_user(cast.first_reader), filters=CaseFilters(query=query))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {caught[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert ("Sort" not in plan) == walks, plan
