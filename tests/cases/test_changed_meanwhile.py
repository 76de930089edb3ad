"""Two people change the same patient or case at once: nobody's word vanishes unseen."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from cases.forms import CaseChange, PatientChange
from tests import factories


@pytest.fixture
def case(cast):
    return factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))


@pytest.fixture
def nurse(cast, client_of):
    return client_of(cast.submitter)


@pytest.fixture
def colleague(cast, client_of):
    return client_of(cast.colleague)


def as_shown(form, **typed):
    """What a browser sends of a form in which only `typed` was touched."""
    shown = {name: "" if value is None else value for name, value in form.initial.items()}
    return {**shown, **typed}


def test_what_two_people_changed_in_different_fields_is_both_kept(case, nurse, colleague):
    address = reverse("cases:case_edit", args=[case.pk])
    hers, his = (as_shown(CaseChange.of(case)) for _ in range(2))
    colleague.post(address, {**his, "haemoglobin": "6.1", "clinical_information": "Bleeding."})
    assert nurse.post(address, {**hers, "priority": "2"}).status_code == 302
    case.refresh_from_db()
    kept = (case.priority, case.haemoglobin, case.clinical_information)
    assert kept == (2, Decimal("6.10"), "Bleeding.")

    person = case.patient
    address = reverse("cases:patient_edit", args=[person.pk])
    hers, his = (as_shown(PatientChange.of(person)) for _ in range(2))
    colleague.post(address, {**his, "birth_date": "2017-01-02"})
    nurse.post(address, {**hers, "name": "Ana Maria"})
    person.refresh_from_db()
    assert (person.name, person.birth_date) == ("Ana Maria", datetime.date(2017, 1, 2))


def test_the_same_field_is_asked_about_and_the_second_save_decides(case, nurse, colleague):
    address = reverse("cases:case_edit", args=[case.pk])
    hers, his = (as_shown(CaseChange.of(case)) for _ in range(2))
    colleague.post(address, {**his, "clinical_information": "Bleeding.", "ldh": "900"})
    asked = nurse.post(address, {**hers, "clinical_information": "Fever, 3 weeks."})
    assert asked.status_code == 422
    page = unescape(asked.content.decode())
    assert "somebody changed this to “Bleeding.”" in page
    assert ">\nFever, 3 weeks.</textarea>" in page
    again = asked.context["form"]
    assert again["ldh"].value() == "900.00"
    sent = nurse.post(address, {field.html_name: field.value() or "" for field in again})
    assert sent.status_code == 302
    case.refresh_from_db()
    assert (case.clinical_information, case.ldh) == ("Fever, 3 weeks.", 900)


def test_a_draft_brings_back_what_was_typed_and_no_older_value_of_another_field(
    case, nurse, colleague
):
    address = reverse("cases:case_edit", args=[case.pk])
    draft = reverse("accounts:draft", args=[f"case.edit:{case.pk}"])
    typed = {name: str(value) for name, value in as_shown(CaseChange.of(case)).items()}
    nurse.put(draft, json.dumps({**typed, "priority": "2"}), "application/json")
    colleague.post(address, as_shown(CaseChange.of(case), clinical_information="Bleeding."))
    form = nurse.get(address).context["form"]
    assert form["clinical_information"].value() == "Bleeding."
    nurse.post(address, {field.html_name: field.value() or "" for field in form})
    case.refresh_from_db()
    assert (case.priority, case.clinical_information) == (2, "Bleeding.")


@pytest.mark.parametrize("began", ["", "[]", "{", '{"priority": [1]}', '{"collected_on": 5}'])
def test_a_form_that_does_not_say_how_it_began_is_taken_as_it_is(case, nurse, began):
    address = reverse("cases:case_edit", args=[case.pk])
    sent = nurse.post(address, as_shown(CaseChange.of(case), priority="1", began=began))
    assert sent.status_code == 302
    case.refresh_from_db()
    assert case.priority == 1


@pytest.mark.parametrize(("name", "longest"), [("name", 120), ("mrn", 40)])
def test_nothing_that_is_pasted_is_cut_off_by_the_browser(cast, nurse, name, longest):
    address = reverse("cases:patient_new")
    assert "maxlength" not in nurse.get(address).content.decode()
    person = {"name": "Ana", "mrn": "1", "birth_date": "2019-05-04", "sex": "female"}
    page = nurse.post(address, {**person, "clinic": cast.clinic.pk, name: "7" * 400})
    assert page.status_code == 422
    assert f"This has 400 characters, and at most {longest} fit." in page.content.decode()
    assert "7" * 400 in page.content.decode()


@pytest.mark.parametrize("typed", ["1,250", "1.250", "312.500,5"])
def test_a_separator_of_thousands_is_never_read_as_a_point(case, nurse, typed):
    address = reverse("cases:case_edit", args=[case.pk])
    page = nurse.post(address, as_shown(CaseChange.of(case), ldh=typed))
    assert "no separator of thousands" in page.content.decode()
    assert page.context["form"]["ldh"].value() == typed
