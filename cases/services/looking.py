"""Nobody looks unseen: an event for each answer that shows patient data, bundled for lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from accounts.actors import Actor
from accounts.services import audit
from cases.models import Case, CriticalResult, Patient
from cases.selectors.critical import open_criticals

_LONGEST = 120
_NO_FILTER = frozenset({"s", "after", "before", "order", "cursor", "page_size"})
"""Parameters that say where in a list somebody is, not what narrowed it."""


def case_seen(*, actor: Actor, case: Case) -> None:
    audit.record_view(actor=actor, obj=case, chain=case.clinic_id)


def patient_seen(*, actor: Actor, patient: Patient) -> None:
    audit.record_view(actor=actor, obj=patient, chain=patient.clinic_id)


def cases_listed(*, actor: Actor, cases: Iterable[Case], query: QueryDict | None = None) -> None:
    """Cases of one list that `actor` was shown; `query` is what the address asked for."""
    rows = [(case.clinic_id, case.pk) for case in cases]
    audit.record_list(actor=actor, action="case.list", rows=rows, asked=_asked(query))


def criticals_seen(*, actor: Actor) -> list[CriticalResult]:
    """The critical results that `actor` must act on, for a banner that names their patients."""
    waiting = list(open_criticals(actor))
    cases_listed(actor=actor, cases=[one.case for one in waiting])
    return waiting


def patients_listed(
    *, actor: Actor, patients: Iterable[Patient], query: QueryDict | None = None
) -> None:
    rows = [(patient.clinic_id, patient.pk) for patient in patients]
    audit.record_list(actor=actor, action="patient.list", rows=rows, asked=_asked(query))


def _asked(query: Mapping[str, Any] | None) -> dict[str, str]:
    """What narrowed the list, as text that the database takes: no NUL, and no more than a line."""
    asked = (query or {}).items()
    return {
        name[:_LONGEST]: value.replace("\0", "")[:_LONGEST]
        for name, value in asked
        if name not in _NO_FILTER and "\0" not in name
    }
