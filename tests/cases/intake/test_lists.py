"""What came in is found again."""

from __future__ import annotations

import datetime

import pytest

from accounts.actors import actor_of_user
from cases.selectors.cases import CaseFilters, case_get, case_list, patient_list
from cases.services.intake import (
    case_open,
)
from telepath.core.errors import NotThere
from tests.cases.intake.conftest import SMEAR, register


@pytest.mark.parametrize(
    "query",
    ["zoe", "MULLER zoë", "müll", "R-77", "r-77", "2019-05-04", "04.05.2019", " ", "04/05/2019"],
)
def test_a_patient_is_found_by_number_name_or_birth_date(cast, clerk, query):
    register(cast, clerk, mrn="R-77")
    register(cast, clerk, mrn="S-1", name="Ann Other", birth_date=datetime.date(2001, 1, 1))
    found = [patient.mrn for patient in patient_list(actor=clerk, query=query)]
    assert "R-77" in found
    assert found == (["S-1", "R-77"] if query == " " else ["R-77"])


@pytest.mark.parametrize(
    "query", ["%", "_", "zoe ann", "\x00nobody", "'; drop table", "31.02.2019"]
)
def test_a_search_for_nobody_finds_nobody(cast, clerk, query):
    register(cast, clerk)
    assert not patient_list(actor=clerk, query=query)


def test_lists_hold_only_what_the_actor_may_see(cast, clerk, patient):
    case = case_open(actor=clerk, patient=patient, **SMEAR)
    outsider = actor_of_user(cast.outsider)
    assert not patient_list(actor=outsider)
    assert not case_list(actor=outsider)
    with pytest.raises(NotThere):
        case_get(actor=outsider, pk=case.pk)
    assert case_get(actor=actor_of_user(cast.first_reader), pk=case.pk) == case


def test_a_list_of_cases_is_narrowed(cast, clerk, patient, django_assert_num_queries):
    first = case_open(actor=clerk, patient=patient, **SMEAR)
    second = case_open(actor=clerk, patient=patient, **SMEAR, priority=2)
    with django_assert_num_queries(1):
        assert list(case_list(actor=clerk)) == [second, first]
    for filters in (
        CaseFilters(query=second.accession[-6:]),
        CaseFilters(priority=2),
        CaseFilters(priority=2, statuses=frozenset({"draft"}), patient=patient.pk),
    ):
        assert list(case_list(actor=clerk, filters=filters)) == [second]
    assert not case_list(actor=clerk, filters=CaseFilters(statuses=frozenset({"signed"})))
    assert case_list(actor=clerk, filters=CaseFilters(query=patient.name)).count() == 2
