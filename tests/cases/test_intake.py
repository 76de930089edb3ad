"""Patients and cases come in."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from accounts.services.audit_chain import first_broken_link
from cases.choices import CaseStatus
from cases.models import Case, CaseTransition, Patient
from cases.selectors.cases import CaseFilters, case_get, case_list, patient_list
from cases.services.checks import today_at
from cases.services.intake import (
    PossibleTwin,
    case_open,
    case_update,
    patient_register,
    patient_update,
)
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.events import events_since
from tests import factories

PERSON = {
    "mrn": "R-1",
    "name": "Zoë Müller",
    "sex": "female",
    "birth_date": datetime.date(2019, 5, 4),
}
SMEAR = {"specimen": "peripheral_blood", "stain": "giemsa"}


@pytest.fixture
def patient(cast):
    return factories.PatientFactory(clinic=cast.clinic)


def register(cast, actor, **changes):
    return patient_register(actor=actor, clinic=cast.clinic, **{**PERSON, **changes})


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


def test_a_case_begins_as_a_draft_with_transition_log_and_event(cast, clerk, patient):
    case = case_open(actor=clerk, patient=patient, **SMEAR, clinical_information="Fever.\n2 weeks")
    year = today_at(cast.clinic).year
    assert case.accession == f"RIV-{year}-000001"
    assert case.status == CaseStatus.DRAFT
    transition = CaseTransition.objects.get(case=case)
    assert (transition.from_status, transition.to_status) == ("", "draft")
    assert transition.actor_name == "Nurse Sana Ito"
    assert AuditEvent.objects.get(action="case.open").object_label == case.accession
    (event,) = events_since(case.audience, 0)
    assert event.payload["status"] == "draft"
    assert patient.name not in str(event.payload)


def test_accession_numbers_have_no_gap_when_twenty_open_cases_at_once(
    cast, clerk, patient, at_the_same_time
):
    def opens():
        return case_open(actor=clerk, patient=patient, **SMEAR)

    def opens_and_fails():
        with transaction.atomic():
            opens()
            raise RuntimeError("the line broke before the commit")

    outcomes = at_the_same_time(*[opens] * 20, *[opens_and_fails] * 5)
    numbers = sorted(int(case.accession[-6:]) for case in outcomes if isinstance(case, Case))
    assert numbers == list(range(1, 21))
    assert Case.objects.count() == 20


def test_each_clinic_counts_for_itself(cast, clerk, patient):
    case_open(actor=clerk, patient=patient, **SMEAR)
    other = factories.PatientFactory(clinic=cast.other_clinic)
    case = case_open(actor=actor_of_user(cast.outsider), patient=other, **SMEAR)
    assert case.accession.startswith("HIL-")
    assert case.accession.endswith("-000001")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specimen", "saliva"),
        ("stain", ""),
        ("priority", 9),
        ("clinical_information", "x" * 4001),
        ("collected_on", datetime.date(2999, 1, 1)),
        ("collected_on", datetime.date(2019, 5, 3)),
    ],
)
def test_a_case_that_cannot_be_is_refused_and_uses_up_no_number(clerk, patient, field, value):
    with pytest.raises(Invalid) as refusal:
        case_open(actor=clerk, patient=patient, **{**SMEAR, field: value})
    assert refusal.value.field == field
    assert case_open(actor=clerk, patient=patient, **SMEAR).accession.endswith("000001")


def test_a_case_is_corrected_while_it_is_the_clinics(clerk, patient):
    case = case_open(actor=clerk, patient=patient, **SMEAR)
    case_update(actor=clerk, case=case, specimen="bone_marrow", stain="giemsa", priority=2)
    case.refresh_from_db()
    assert (case.specimen, case.priority) == ("bone_marrow", 2)
    event = AuditEvent.objects.get(action="case.update")
    assert event.before == {"specimen": "peripheral_blood", "priority": 0}


def test_a_submitted_case_can_no_longer_be_corrected(clerk, patient):
    case = factories.CaseFactory(patient=patient, status=CaseStatus.ANALYSING)
    with pytest.raises(Conflict, match="'Analysing' and no longer open"):
        case_update(actor=clerk, case=case, **SMEAR, priority=2)
    case.refresh_from_db()
    assert case.priority == 0


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
        CaseFilters(query=second.accession[-3:]),
        CaseFilters(priority=2),
        CaseFilters(priority=2, statuses=frozenset({"draft"}), patient=patient.pk),
    ):
        assert list(case_list(actor=clerk, filters=filters)) == [second]
    assert not case_list(actor=clerk, filters=CaseFilters(statuses=frozenset({"signed"})))
    assert case_list(actor=clerk, filters=CaseFilters(query=patient.name)).count() == 2


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


def test_a_case_keeps_what_the_clinic_measured(cast, clerk, patient):
    case = case_open(
        actor=clerk, patient=patient, **SMEAR, wbc=Decimal("312.50"), platelets=9, sender="Dr. Ng"
    )
    case.refresh_from_db()
    assert case.clinical_facts == [
        ("White cells", "312.5 10⁹/L"),
        ("Platelets", "9 10⁹/L"),
        ("Sent by", "Dr. Ng"),
    ]


@pytest.mark.parametrize(("name", "value"), [("haemoglobin", 112), ("blasts_seen", -1)])
def test_a_number_in_another_unit_is_refused_at_its_field(clerk, patient, name, value):
    with pytest.raises(Invalid, match="cannot be: enter 0 to") as refused:
        case_open(actor=clerk, patient=patient, **SMEAR, **{name: Decimal(value)})
    assert refused.value.field == name
