"""Patients are registered and corrected; who could be the same person is asked about."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.models import Organisation
from accounts.policy import require, require_in
from accounts.services import audit
from cases.choices import Sex
from cases.models import Case, Patient
from cases.record_numbers import key_of
from cases.search import words_of_case, words_of_patient
from cases.selectors.alike import of_same_name_and_birth
from cases.services.checks import all_of, one_of, past_date, required_text, today_at
from cases.services.intake.values import apply, merged
from telepath.core.errors import Invalid


class PossibleTwin(Invalid):
    """A patient of this name and birth date is known already; perhaps it is the same child."""

    def __init__(self, twins: Iterable[Patient]) -> None:
        known = ", ".join(f"{one.name}, record number {one.mrn}" for one in twins)
        super().__init__(
            f"A patient with this name and birth date is registered already: {known}. Open that "
            "one, or say that this is another person. Nothing was saved.",
            field="is_another",
            code="possible_twin",
        )


@transaction.atomic
def patient_register(
    *,
    actor: Actor,
    clinic: Organisation,
    mrn: str,
    name: str,
    sex: str,
    birth_date: datetime.date,
    is_another: bool = False,
) -> Patient:
    """A new patient of `clinic`. Raises `Invalid` naming the field, also for an MRN in use.

    Raises `PossibleTwin` when somebody of that name and birth date is known there, unless it is
    said that this one `is_another`.
    """
    require_in(actor, "patient.edit", clinic.pk)
    values = _values(clinic, mrn=mrn, name=name, sex=sex, birth_date=birth_date)
    twins = of_same_name_and_birth(clinic, values["name"], values["birth_date"])
    if twins and not is_another:
        raise PossibleTwin(twins)
    patient = Patient(clinic=clinic, **values)
    _save(patient)
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
    began: Mapping[str, Any] | None = None,
) -> Patient:
    """Correct who the patient is. Reports already signed keep what they said.

    began: the values from which the change began, see `merged`.
    """
    require(actor, "patient.edit", patient)
    values = _values(
        patient.clinic, mrn=mrn, name=name, sex=sex, birth_date=birth_date, itself=patient.pk
    )
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    before, after = apply(row, merged(row, values, began or {}))
    if after:
        _save(row)
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


def _values(
    clinic: Organisation,
    *,
    mrn: str,
    name: str,
    sex: str,
    birth_date: datetime.date,
    itself: UUID | None = None,
) -> dict[str, Any]:
    return all_of(
        mrn=lambda: _free_number(clinic, mrn, itself),
        name=lambda: required_text(name, field="name", label="name", longest=120),
        sex=lambda: one_of(Sex, sex, field="sex", label="sex"),
        birth_date=lambda: past_date(
            birth_date, field="birth_date", label="birth date", today=today_at(clinic)
        ),
    )


def _free_number(clinic: Organisation, typed: str, itself: UUID | None) -> str:
    mrn = required_text(typed, field="mrn", label="record number", longest=40)
    key = key_of(mrn)
    if not key:
        raise Invalid("The record number is missing.", field="mrn")
    holder = Patient.objects.filter(clinic=clinic, mrn_key=key).first()
    if holder is not None and holder.pk != itself:
        raise _taken(clinic, holder.mrn)
    return mrn


def _taken(clinic: Organisation, mrn: str) -> Invalid:
    return Invalid(
        f"A patient of {clinic} already has the record number {mrn}. Nothing was saved: open that "
        "patient, or correct the number.",
        field="mrn",
        code="mrn_taken",
    )


def _save(patient: Patient) -> None:
    """Save; the database is the judge of doubled numbers, however many people register at once."""
    patient.mrn_key = key_of(patient.mrn)
    patient.search_words = words_of_patient(
        name=patient.name, mrn=patient.mrn, birth_date=patient.birth_date
    )
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as fault:
        if "mrn_unique_in_clinic" not in str(fault):
            raise
        raise _taken(patient.clinic, patient.mrn) from fault


def _find_cases_anew(patient: Patient) -> None:
    """The cases of a patient are found by what she is called now."""
    cases = list(patient.cases.select_for_update().order_by("pk"))
    for case in cases:
        case.search_words = words_of_case(
            accession=case.accession, patient_words=patient.search_words
        )
    Case.objects.bulk_update(cases, ["search_words"])
