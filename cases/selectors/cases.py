"""Patients and cases that an actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.actors import Actor
from cases.models import Case, Patient
from cases.search import matching, names_a_number
from cases.selectors.pages import BEGINNING, Order, Page, Place, page_at

CASE_ORDERS: Mapping[str, Order] = {
    "": Order("Opened, newest first", ("-pk",)),
    "opened": Order("Opened, oldest first", ("pk",)),
    "patient": Order("Patient", ("patient__search_name", "pk")),
    "-patient": Order("Patient, from the end", ("-patient__search_name", "-pk")),
    "signed": Order("Signed, newest first", ("-signed_at", "-pk")),
}
PATIENT_ORDERS: Mapping[str, Order] = {
    "": Order("Name", ("search_name", "pk")),
    "-name": Order("Name, from the end", ("-search_name", "-pk")),
    "born": Order("Born, eldest first", ("birth_date", "pk")),
    "-born": Order("Born, youngest first", ("-birth_date", "-pk")),
    "-registered": Order("Registered, newest first", ("-pk",)),
}
"""What lists can be ordered by: each has its index, so that a page costs the same at any size."""


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What a list of cases is narrowed to; an empty value narrows nothing.

    mine: in this person's hands.
    """

    query: str = ""
    statuses: frozenset[str] = frozenset()
    clinic: UUID | None = None
    patient: UUID | None = None
    priority: int | None = None
    mine: bool = False


def patient_list(*, actor: Actor, query: str = "") -> QuerySet[Patient]:
    """Patients with their clinic; `query`: beginnings of names, record number, birth date."""
    found = Patient.objects.visible_to(actor, "patient.view").filter(matching(query))
    return found.select_related("clinic").order_by(*PATIENT_ORDERS[""].terms())


def patient_page(
    *, actor: Actor, query: str = "", order: str = "", place: Place = BEGINNING
) -> Page[Patient]:
    """One page of them, each with `case_count`. Two queries."""
    own = Case.objects.filter(patient=OuterRef("pk")).order_by().values("patient")
    cases = Coalesce(Subquery(own.annotate(cases=Count("pk")).values("cases")), 0)
    return page_at(
        patient_list(actor=actor, query=query).annotate(case_count=cases),
        order=_order(PATIENT_ORDERS, order, query),
        within=Patient.objects.visible_to(actor, "patient.view"),
        place=place,
    )


def patient_get(*, actor: Actor, pk: UUID, action: str = "patient.view") -> Patient:
    """One patient. Raises `NotThere`."""
    return Patient.objects.select_related("clinic").get_for(actor, action, pk=pk)


def case_list(*, actor: Actor, filters: CaseFilters | None = None) -> QuerySet[Case]:
    """Cases, newest first, with patient, clinic and assignee. One query."""
    match = _case_match(actor, filters or CaseFilters())
    found = Case.objects.visible_to(actor, "case.view").filter(match)
    return found.select_related("patient", "clinic", "assignee").order_by(*CASE_ORDERS[""].terms())


def case_page(
    *,
    actor: Actor,
    filters: CaseFilters | None = None,
    order: str = "",
    place: Place = BEGINNING,
) -> Page[Case]:
    """One page of them in any of `CASE_ORDERS`. Two queries."""
    filters = filters or CaseFilters()
    return page_at(
        case_list(actor=actor, filters=filters),
        order=_order(CASE_ORDERS, order, filters.query),
        within=Case.objects.visible_to(actor, "case.view"),
        place=place,
    )


def case_get(*, actor: Actor, pk: UUID, action: str = "case.view") -> Case:
    """One case with patient, clinic and assignee. Raises `NotThere`."""
    rows = Case.objects.select_related("patient", "clinic", "assignee")
    return rows.get_for(actor, action, pk=pk)


def _order(orders: Mapping[str, Order], name: str, query: str) -> Order:
    chosen = orders.get(name, orders[""])
    return chosen.of_few() if names_a_number(query) else chosen


def _case_match(actor: Actor, wanted: CaseFilters) -> Q:
    chosen = {
        "status__in": wanted.statuses or None,
        "clinic": wanted.clinic,
        "patient": wanted.patient,
        "priority": wanted.priority,
    }
    narrowed = Q(**{name: value for name, value in chosen.items() if value is not None})
    if wanted.mine:
        narrowed &= in_hands_of(actor)
    return narrowed & matching(wanted.query)


def in_hands_of(actor: Actor) -> Q:
    """Cases assigned to this person; none for whoever is no person."""
    return Q(assignee=actor.user) if actor.user else Q(pk__in=[])
