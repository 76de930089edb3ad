"""Found by whatever order, accent, script or date format a person types."""

from __future__ import annotations

import datetime

import pytest

from accounts.actors import actor_of_user
from cases.models import Case
from cases.search import names_a_number
from cases.selectors.cases import CaseFilters, case_list, patient_list
from cases.services.intake import case_open, patient_update
from cases.services.intake import patient_register as register

BORN = datetime.date(2019, 4, 2)


@pytest.fixture
def clerk(cast):
    return actor_of_user(cast.submitter)


def patient(cast, clerk, name, mrn="MRN-00012", birth_date=BORN):
    values = {"name": name, "mrn": mrn, "sex": "female", "birth_date": birth_date}
    return register(actor=clerk, clinic=cast.clinic, **values)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Maria Okonkwo", "okonkwo maria"),
        ("Maria Okonkwo", "oko mar"),
        ("Anna Łukasik", "lukasik"),
        ("Søren Østergård", "ostergard soren"),
        ("Karl Groß", "gross"),
        ("Karl Gross", "groß"),
        ("Zoë Müller-Łukasik", "mullerlukasik"),
        ("Zoë Müller-Łukasik", "lukasik zoe"),
        ("Nora O’Brien", "obrien"),
        ("علی\u200cرضا کریمی", "عليرضا"),  # joined without the half-space, with Arabic letters
        ("علی\u200cرضا کریمی", "علی رضا"),
        ("রহিম উদ্দিন", "উদ্দিন"),
        ("Ирина Ёлкина", "елкина"),
    ],
)
def test_a_name_is_found_folded_and_in_any_order(cast, clerk, name, typed):
    wanted = patient(cast, clerk, name)
    patient(cast, clerk, "Somebody Else", mrn="X", birth_date=datetime.date(2001, 1, 1))
    assert list(patient_list(actor=clerk, query=typed)) == [wanted]


@pytest.mark.parametrize(
    "typed",
    ["2 Apr 2019", "2. April 2019", "02 apr 2019", "Apr 2, 2019", "2019-04-02", "2.4.2019"]
    + ["02/04/2019", "04/02/2019", "okon 2 Apr 2019", "2 Apr 2019 maria", "20190402"],
)
def test_a_birth_date_is_found_as_it_is_printed_and_otherwise(cast, clerk, typed):
    wanted = patient(cast, clerk, "Maria Okonkwo")
    patient(cast, clerk, "Maria Else", mrn="X", birth_date=datetime.date(2019, 2, 5))
    assert list(patient_list(actor=clerk, query=typed)) == [wanted]


@pytest.mark.parametrize("typed", ["MRN-00012", "mrn00012", "mrn 12", "00012", "12"])
def test_a_record_number_is_found_with_and_without_its_ornaments(cast, clerk, typed):
    wanted = patient(cast, clerk, "Maria Okonkwo")
    patient(cast, clerk, "Somebody Else", mrn="MRN-00345", birth_date=datetime.date(2001, 1, 1))
    assert list(patient_list(actor=clerk, query=typed)) == [wanted]


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("MRN-0500000", True),
        ("riv 2026 000012", True),
        ("okonkwo 12345", True),
        ("okonkwo 2026", False),
        ("2 Apr 2019", False),
        ("2019-04-02", False),
        ("", False),
    ],
)
def test_a_long_number_belongs_to_few_and_a_year_or_a_date_does_not(typed, is_one):
    assert names_a_number(typed) == is_one


@pytest.mark.parametrize("typed", ["okonkwo maria", "MRN-00012", "2 Apr 2019", "RIV-", "1"])
def test_a_case_is_found_by_its_patient_and_its_own_number(cast, clerk, typed):
    one = patient(cast, clerk, "Maria Okonkwo")
    case = case_open(actor=clerk, patient=one, specimen="peripheral_blood", stain="giemsa")
    assert case.accession.endswith("-000001")
    assert list(case_list(actor=clerk, filters=CaseFilters(query=typed))) == [case]


def test_the_cases_of_a_renamed_patient_are_found_by_the_new_name_alone(cast, clerk):
    one = patient(cast, clerk, "Maria Okonkwo")
    case = case_open(actor=clerk, patient=one, specimen="peripheral_blood", stain="giemsa")
    values = {"mrn": one.mrn, "sex": one.sex, "birth_date": one.birth_date}
    patient_update(actor=clerk, patient=one, name="Maria Bello", **values)
    assert list(case_list(actor=clerk, filters=CaseFilters(query="bello"))) == [case]
    assert not case_list(actor=clerk, filters=CaseFilters(query="okonkwo"))


def test_a_search_reads_an_index_and_not_the_table(cast, clerk):
    found = Case.objects.filter(pk__in=case_list(actor=clerk, filters=CaseFilters(query="abc")))
    assert "cases_by_words" in {index.name for index in Case._meta.indexes}
    assert "array_to_tsvector" in str(found.query)


@pytest.mark.parametrize("typed", ["%", "_", "&|!()'", "' | 'a", "\\", "\0", "*:", "😀"])
def test_signs_alone_find_nobody_and_break_nothing(cast, clerk, typed):
    patient(cast, clerk, "Maria Okonkwo")
    found = list(patient_list(actor=clerk, query=typed))
    assert len(found) == (1 if typed == "\0" else 0)  # what nobody can type is not there
