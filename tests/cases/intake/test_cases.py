"""Cases come in."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import Case, CaseTransition
from cases.services.checks import today_at
from cases.services.intake import (
    case_open,
    case_update,
)
from telepath.core.errors import Conflict, Invalid
from telepath.core.events import events_since
from tests import factories
from tests.cases.intake.conftest import SMEAR


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
