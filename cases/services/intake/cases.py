"""Cases are opened, and corrected while they are still the clinic's."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import Organisation
from accounts.policy import require
from accounts.services import audit
from cases.choices import EDITABLE, CaseStatus, Priority, Specimen, Stain
from cases.clinical import MEASURES, NAMES, WORDS, checked_number
from cases.models import Case, CaseTransition, Patient
from cases.search import words_of_case
from cases.services.checks import (
    NOT_EDITABLE,
    all_of,
    one_of,
    past_date,
    text,
    today_at,
)
from cases.services.intake.values import apply, merged
from cases.services.transitions import announce
from telepath.core.errors import Conflict, Invalid

_NEXT_ACCESSION = """
    INSERT INTO cases_accessioncounter (clinic_id, year, last) VALUES (%s, %s, 1)
    ON CONFLICT (clinic_id, year) DO UPDATE SET last = cases_accessioncounter.last + 1
    RETURNING last
"""


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
    **clinical: Any,
) -> Case:
    """A new draft with the clinic's next accession number, used up only if this commits.

    clinical: what `cases.clinical` names, as far as the clinic has it.
    """
    require(actor, "case.edit", patient)
    values = _case_values(
        patient,
        specimen=specimen,
        stain=stain,
        priority=priority,
        clinical_information=clinical_information,
        collected_on=collected_on,
        **clinical,
    )
    accession = _next_accession(patient.clinic)
    case = Case.objects.create(
        clinic=patient.clinic,
        patient=patient,
        accession=accession,
        search_words=words_of_case(accession=accession, patient_words=patient.search_words),
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
    began: Mapping[str, Any] | None = None,
    **clinical: Any,
) -> Case:
    """Correct a case that is still with the clinic. Raises `Conflict` once it was submitted.

    began: the values from which the change began, see `merged`.
    """
    require(actor, "case.edit", case)
    values = _case_values(
        case.patient,
        specimen=specimen,
        stain=stain,
        priority=priority,
        clinical_information=clinical_information,
        collected_on=collected_on,
        **clinical,
    )
    row = editable_case(case)
    before, after = apply(row, merged(row, values, began or {}))
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


def _case_values(
    patient: Patient,
    *,
    specimen: str,
    stain: str,
    priority: int,
    clinical_information: str,
    collected_on: datetime.date | None,
    **given: Any,
) -> dict[str, Any]:
    return all_of(
        specimen=lambda: one_of(Specimen, specimen, field="specimen", label="specimen"),
        stain=lambda: one_of(Stain, stain, field="stain", label="stain"),
        priority=lambda: one_of(Priority, priority, field="priority", label="priority"),
        collected_on=lambda: _collection_date(patient, collected_on),
        clinical_information=lambda: text(
            clinical_information,
            field="clinical_information",
            label="clinical information",
            longest=4000,
        ),
        **_clinical_checks(given),
    )


def _clinical_checks(given: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """A check for each fact of `given`. Raises TypeError for a name that is none."""
    if unknown := set(given) - set(NAMES):
        raise TypeError(f"no clinical facts: {sorted(unknown)}")
    numbers = {one.name: partial(checked_number, one, given.get(one.name)) for one in MEASURES}
    texts = {
        name: partial(text, given.get(name, ""), field=name, label=label.lower(), longest=longest)
        for name, (label, longest) in WORDS.items()
    }
    return {name: check for name, check in (numbers | texts).items() if name in given}


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


def _next_accession(clinic: Organisation) -> str:
    """The counter's row stays locked until the end of the transaction: no gaps, no doubles."""
    year = today_at(clinic).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_ACCESSION, [clinic.pk, year])
        (number,) = cursor.fetchone()
    return f"{clinic.code}-{year}-{number:06d}"
