"""Patients and cases that an actor may see."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.actors import Actor
from cases.models import Case, Patient
from cases.search import without_accents

LONGEST_QUERY = 200
"""Characters of a search that are looked at: each word costs the database a comparison."""
_DATE_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What a list of cases is narrowed to; an empty value narrows nothing."""

    query: str = ""
    statuses: frozenset[str] = frozenset()
    clinic: UUID | None = None
    patient: UUID | None = None
    priority: int | None = None


def patient_list(*, actor: Actor, query: str = "") -> QuerySet[Patient]:
    """Patients in order of name; `query` is a record number, a birth date, or parts of a name."""
    found = Patient.objects.visible_to(actor, "patient.view").filter(_patient_match(query))
    counted = found.annotate(case_count=Count("cases"))
    return counted.select_related("clinic").order_by("search_name", "mrn", "pk")


def patient_get(*, actor: Actor, pk: UUID, action: str = "patient.view") -> Patient:
    """One patient. Raises `NotThere`."""
    return Patient.objects.select_related("clinic").get_for(actor, action, pk=pk)


def case_list(*, actor: Actor, filters: CaseFilters | None = None) -> QuerySet[Case]:
    """Cases, newest first, with patient, clinic, assignee and number of images. One query."""
    wanted = filters or CaseFilters()
    found = Case.objects.visible_to(actor, "case.view").filter(_case_match(wanted))
    counted = found.annotate(image_count=Count("images"))
    return counted.select_related("patient", "clinic", "assignee").order_by("-created_at", "-pk")


def case_get(*, actor: Actor, pk: UUID, action: str = "case.view") -> Case:
    """One case with patient, clinic and assignee. Raises `NotThere`."""
    rows = Case.objects.select_related("patient", "clinic", "assignee")
    return rows.get_for(actor, action, pk=pk)


def _case_match(wanted: CaseFilters) -> Q:
    match = Q()
    for lookup, value in (
        ("status__in", wanted.statuses),
        ("clinic", wanted.clinic),
        ("patient", wanted.patient),
    ):
        if value:
            match &= Q(**{lookup: value})
    if wanted.priority is not None:
        match &= Q(priority=wanted.priority)
    if words := _searchable(wanted.query):
        match &= Q(accession__icontains=words) | _patient_match(words, "patient__")
    return match


def _patient_match(query: str, prefix: str = "") -> Q:
    """Every word must occur in the name; or the whole is a record number or a birth date."""
    words = _searchable(query).split()
    if not words:
        return Q()
    named = Q()
    for word in words:
        named &= Q(**{f"{prefix}search_name__icontains": without_accents(word)})
    match = named | Q(**{f"{prefix}mrn__icontains": " ".join(words)})
    born = _as_date(words[0]) if len(words) == 1 else None
    return match | Q(**{f"{prefix}birth_date": born}) if born else match


def _searchable(query: str) -> str:
    """Without the character NUL, which PostgreSQL refuses, and no longer than makes sense."""
    return query.replace("\0", "").strip()[:LONGEST_QUERY]


def _as_date(text: str) -> datetime.date | None:
    for form in _DATE_FORMS:
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None
