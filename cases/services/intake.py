"""Patients and cases come in: registered, opened, corrected while they are still the clinic's."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.actors import Actor
from accounts.models import Organisation
from accounts.policy import require, require_in
from accounts.services import audit
from cases.choices import EDITABLE, CaseStatus, Priority, Sex, Specimen, Stain
from cases.models import Case, CaseTransition, Patient
from cases.search import words_of_case, words_of_patient
from cases.services.checks import (
    NOT_EDITABLE,
    one_of,
    past_date,
    required_text,
    text,
    today_at,
)
from cases.services.transitions import announce
from telepath.core.errors import Conflict, Invalid

_NEXT_ACCESSION = """
    INSERT INTO cases_accessioncounter (clinic_id, year, last) VALUES (%s, %s, 1)
    ON CONFLICT (clinic_id, year) DO UPDATE SET last = cases_accessioncounter.last + 1
    RETURNING last
"""


@transaction.atomic
def patient_register(
    *,
    actor: Actor,
    clinic: Organisation,
    mrn: str,
    name: str,
    sex: str,
    birth_date: datetime.date,
) -> Patient:
    """A new patient of `clinic`. Raises `Invalid` naming the field, also for an MRN in use."""
    require_in(actor, "patient.edit", clinic.pk)
    values = _patient_values(clinic, mrn=mrn, name=name, sex=sex, birth_date=birth_date)
    patient = Patient(clinic=clinic, **values)
    _save_patient(patient)
    audit.record(actor=actor, action="patient.register", chain=clinic.pk, obj=patient, after=values)
    return patient


@transaction.atomic
def patient_update(
    *,
    actor: Actor,
    patient: Patient,
    mrn: str,
    name: str,
    sex: str,
    birth_date: datetime.date,
) -> Patient:
    """Correct who the patient is. Reports already signed keep what they said."""
    require(actor, "patient.edit", patient)
    values = _patient_values(patient.clinic, mrn=mrn, name=name, sex=sex, birth_date=birth_date)
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    before, after = _apply(row, values)
    if after:
        _save_patient(row)
        _find_cases_anew(row)
        audit.record(
            actor=actor,
            action="patient.update",
            chain=row.clinic_id,
            obj=row,
            before=before,
            after=after,
        )
    return row


@transaction.atomic
def case_open(
    *,
    actor: Actor,
    patient: Patient,
    specimen: str,
    stain: str,
    priority: int = Priority.ROUTINE,
    clinical_information: str = "",
    collected_on: datetime.date | None = None,
    is_synthetic: bool = False,
) -> Case:
    """A new draft with the clinic's next accession number, used up only if this commits."""
    require(actor, "case.edit", patient)
    values = _case_values(
        patient,
        specimen=specimen,
        stain=stain,
        priority=priority,
        clinical_information=clinical_information,
        collected_on=collected_on,
    )
    accession = _next_accession(patient.clinic)
    case = Case.objects.create(
        clinic=patient.clinic,
        patient=patient,
        accession=accession,
        search_words=_case_words(patient, accession),
        is_synthetic=is_synthetic,
        created_by=actor.user,
        **values,
    )
    CaseTransition.objects.create(
        case=case, to_status=CaseStatus.DRAFT, actor_name=actor.name, actor_id=actor.id
    )
    audit.record(actor=actor, action="case.open", chain=case.clinic_id, obj=case, after=values)
    announce(case, "case.status", {"status": CaseStatus.DRAFT, "actor": actor.name})
    return case


@transaction.atomic
def case_update(
    *,
    actor: Actor,
    case: Case,
    specimen: str,
    stain: str,
    priority: int,
    clinical_information: str = "",
    collected_on: datetime.date | None = None,
) -> Case:
    """Correct a case that is still with the clinic. Raises `Conflict` once it was submitted."""
    require(actor, "case.edit", case)
    values = _case_values(
        case.patient,
        specimen=specimen,
        stain=stain,
        priority=priority,
        clinical_information=clinical_information,
        collected_on=collected_on,
    )
    row = editable_case(case)
    before, after = _apply(row, values)
    if after:
        row.save(update_fields=sorted(after))
        audit.record(
            actor=actor,
            action="case.update",
            chain=row.clinic_id,
            obj=row,
            before=before,
            after=after,
        )
        announce(row, "case.changed", {"fields": sorted(after)})
    return row


def editable_case(case: Case) -> Case:
    """The case, locked until the transaction ends. Raises `Conflict` when not the clinic's now."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if row.status not in EDITABLE:
        raise Conflict(
            NOT_EDITABLE.format(accession=row.accession, status=row.get_status_display()),
            code="not_editable",
        )
    return row


def _patient_values(
    clinic: Organisation, *, mrn: str, name: str, sex: str, birth_date: datetime.date
) -> dict[str, Any]:
    return {
        "mrn": required_text(mrn, field="mrn", label="record number", longest=40),
        "name": required_text(name, field="name", label="name", longest=120),
        "sex": one_of(Sex, sex, field="sex", label="sex"),
        "birth_date": past_date(
            birth_date, field="birth_date", label="birth date", today=today_at(clinic)
        ),
    }


def _case_values(
    patient: Patient,
    *,
    specimen: str,
    stain: str,
    priority: int,
    clinical_information: str,
    collected_on: datetime.date | None,
) -> dict[str, Any]:
    return {
        "specimen": one_of(Specimen, specimen, field="specimen", label="specimen"),
        "stain": one_of(Stain, stain, field="stain", label="stain"),
        "priority": one_of(Priority, priority, field="priority", label="priority"),
        "clinical_information": text(
            clinical_information,
            field="clinical_information",
            label="clinical information",
            longest=4000,
        ),
        "collected_on": _collection_date(patient, collected_on),
    }


def _collection_date(patient: Patient, day: datetime.date | None) -> datetime.date | None:
    if day is None:
        return None
    today = today_at(patient.clinic)
    past_date(day, field="collected_on", label="date of collection", today=today)
    if day < patient.birth_date:
        raise Invalid(
            "The specimen cannot have been collected before the patient was born.",
            field="collected_on",
        )
    return day


def _save_patient(patient: Patient) -> None:
    """Save; the database is the judge of doubled numbers, however many people register at once."""
    patient.search_words = words_of_patient(
        name=patient.name, mrn=patient.mrn, birth_date=patient.birth_date
    )
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as fault:
        if "mrn_unique_in_clinic" not in str(fault):
            raise
        raise Invalid(
            f"A patient of {patient.clinic} already has the record number {patient.mrn}. Nothing "
            "was saved: search for that patient, or correct the number.",
            field="mrn",
            code="mrn_taken",
        ) from fault


def _find_cases_anew(patient: Patient) -> None:
    """The cases of a patient are found by what she is called now."""
    cases = list(patient.cases.select_for_update().order_by("pk"))
    for case in cases:
        case.search_words = _case_words(patient, case.accession)
    Case.objects.bulk_update(cases, ["search_words"])


def _case_words(patient: Patient, accession: str) -> str:
    return words_of_case(accession=accession, patient_words=patient.search_words)


def _apply(row: Patient | Case, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs; returns the changed fields as they were and as they are."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    for name in before:
        setattr(row, name, values[name])
    return before, {name: values[name] for name in before}


def _next_accession(clinic: Organisation) -> str:
    """The counter's row stays locked until the end of the transaction: no gaps, no doubles."""
    year = today_at(clinic).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_ACCESSION, [clinic.pk, year])
        (number,) = cursor.fetchone()
    return f"{clinic.code}-{year}-{number:06d}"
