"""Patients come in, and are told apart."""

from __future__ import annotations

import datetime

import pytest

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from accounts.services.audit_chain import first_broken_link
from cases.models import Patient
from cases.services.checks import today_at
from cases.services.intake import (
    PossibleTwin,
    case_open,
    patient_register,
    patient_update,
)
from telepath.core.errors import Invalid, NotAllowed, NotThere
from tests import factories
from tests.cases.intake.conftest import PERSON, SMEAR, register


def test_a_patient_is_registered_with_an_entry_in_the_log(cast, clerk):
    patient = register(cast, clerk, mrn="  R-1 ", name=" Zoë \n Müller\x00 ")
    assert (patient.mrn, patient.name) == ("R-1", "Zoë Müller")
    event = AuditEvent.objects.get(action="patient.register")
    assert event.object_id == str(patient.pk)
    assert event.chain == cast.clinic.pk
    assert event.after["birth_date"] == "2019-05-04"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("mrn", "  ", "record number is missing"),
        ("mrn", "9" * 41, "at most 40"),
        ("name", "\x07", "name is missing"),
        ("name", "x" * 121, "at most 120"),
        ("sex", "unsaid", "not one of the listed"),
        ("birth_date", datetime.date(1850, 1, 1), "more than 130 years"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast, clerk, field, value, sentence):
    with pytest.raises(Invalid, match=sentence) as refusal:
        register(cast, clerk, **{field: value})
    assert refusal.value.field == field
    assert not Patient.objects.exists()


def test_a_patient_born_tomorrow_is_refused(cast, clerk):
    tomorrow = today_at(cast.clinic) + datetime.timedelta(days=1)
    with pytest.raises(Invalid, match="lies in the future") as refusal:
        register(cast, clerk, birth_date=tomorrow)
    assert refusal.value.field == "birth_date"


def test_a_patient_may_be_born_today_where_the_clinic_stands(cast, clerk):
    cast.clinic.time_zone = "Pacific/Kiritimati"
    cast.clinic.save()
    assert register(cast, clerk, birth_date=today_at(cast.clinic)).pk


@pytest.mark.parametrize("again", ["R-1", "r-1", " R-1 "])
def test_a_doubled_record_number_is_refused_at_its_field(cast, clerk, again):
    register(cast, clerk)
    with pytest.raises(Invalid, match="already has the record number") as refusal:
        register(cast, clerk, mrn=again, name="Somebody Else")
    assert refusal.value.field == "mrn"
    assert Patient.objects.count() == 1
    assert AuditEvent.objects.filter(action="patient.register").count() == 1


def test_two_clinics_may_use_the_same_record_number(cast, clerk):
    register(cast, clerk)
    other = actor_of_user(cast.outsider)
    assert patient_register(actor=other, clinic=cast.other_clinic, **PERSON).pk


def test_two_clerks_register_the_same_number_at_once_and_one_is_told(cast, clerk, at_the_same_time):
    outcomes = at_the_same_time(*[lambda: register(cast, clerk)] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid"] * 3 + ["Patient"]
    assert AuditEvent.objects.filter(action="patient.register").count() == 1
    assert first_broken_link(cast.clinic.pk) is None


def test_a_correction_of_the_patient_keeps_what_was_before(cast, clerk):
    patient = register(cast, clerk)
    patient_update(actor=clerk, patient=patient, **{**PERSON, "name": "Zoë Meier"})
    event = AuditEvent.objects.get(action="patient.update")
    assert event.before == {"name": "Zoë Müller"}
    assert event.after == {"name": "Zoë Meier"}


def test_a_correction_that_changes_nothing_leaves_no_entry(cast, clerk):
    patient = register(cast, clerk)
    patient_update(actor=clerk, patient=patient, **PERSON)
    assert not AuditEvent.objects.filter(action="patient.update").exists()


def test_a_correction_to_a_number_in_use_is_refused(cast, clerk):
    register(cast, clerk)
    second = register(cast, clerk, mrn="R-2", name="Zoë Ober")
    with pytest.raises(Invalid, match="already has"):
        patient_update(actor=clerk, patient=second, **PERSON)
    second.refresh_from_db()
    assert second.mrn == "R-2"


def test_an_outsider_may_not_even_know_that_the_clinic_is_there(cast, patient):
    outsider = actor_of_user(cast.outsider)
    with pytest.raises(NotThere):
        register(cast, outsider)
    with pytest.raises(NotThere):
        case_open(actor=outsider, patient=patient, **SMEAR)
    with pytest.raises(NotThere):
        patient_update(actor=outsider, patient=patient, **PERSON)


def test_a_reader_sees_the_patient_but_opens_no_case(cast, patient):
    reader = actor_of_user(cast.first_reader)
    with pytest.raises(NotAllowed):
        case_open(actor=reader, patient=patient, **SMEAR)


def test_somebody_of_the_same_name_and_birth_date_is_asked_about(cast, clerk):
    register(cast, clerk)
    with pytest.raises(PossibleTwin, match="Zoë Müller, record number R-1"):
        register(cast, clerk, mrn="R-2", name="Muller Zoe")
    assert Patient.objects.count() == 1
    assert register(cast, clerk, mrn="R-2", is_another=True).mrn == "R-2"


def test_a_namesake_of_another_day_or_clinic_is_not_asked_about(cast, clerk):
    factories.PatientFactory(clinic=cast.other_clinic, name=PERSON["name"])
    register(cast, clerk, mrn="R-2", birth_date=datetime.date(2018, 5, 4))
    register(cast, clerk)


@pytest.mark.parametrize(
    "alike", ["r-1", "R-\u200b1", "\uff32\uff0d\uff11", "R-\u0661", "R \u2013 1", "\u202fR-1"]
)
def test_record_numbers_that_look_the_same_are_the_same(cast, clerk, alike):
    register(cast, clerk)
    with pytest.raises(Invalid, match="already has the record number R-1"):
        register(cast, clerk, mrn=alike, name="Somebody Else")


def test_record_numbers_that_look_different_are_different(cast, clerk):
    register(cast, clerk)
    register(cast, clerk, mrn="R1", name="Somebody Else")


@pytest.mark.parametrize("field", ["name", "mrn"])
def test_signs_that_turn_letters_around_are_refused(cast, clerk, field):
    with pytest.raises(Invalid, match=r"U\+202E.*turns letters around") as refused:
        register(cast, clerk, **{field: "A\u202eB"})
    assert refused.value.field == field


def test_every_field_that_is_wrong_is_said_at_once(cast, clerk):
    register(cast, clerk)
    tomorrow = today_at(cast.clinic) + datetime.timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        register(cast, clerk, birth_date=tomorrow)
    assert set(refused.value.errors) == {"mrn", "birth_date"}
