"""Patients who could be the same person."""

from __future__ import annotations

import datetime

from accounts.actors import Actor
from accounts.models import Organisation
from cases.models import Patient
from cases.record_numbers import key_of
from cases.search import fold

MOST = 5


def of_same_name_and_birth(
    clinic: Organisation, name: str, birth_date: datetime.date
) -> list[Patient]:
    """Patients of `clinic` born that day whose names are the same words, in whatever order."""
    born = Patient.objects.filter(clinic=clinic, birth_date=birth_date).order_by("pk")
    words = _words(name)
    return [one for one in born if _words(one.name) == words][:MOST]


def known_alike(
    actor: Actor, clinic: Organisation, *, name: str, mrn: str, birth_date: datetime.date | None
) -> list[Patient]:
    """Those, and whoever has the record number, as far as `actor` may see them: to be opened."""
    holder = Patient.objects.filter(clinic=clinic, mrn_key=key_of(mrn)) if mrn else []
    twins = of_same_name_and_birth(clinic, name, birth_date) if birth_date else []
    found = {one.pk for one in (*holder, *twins)}
    return list(Patient.objects.visible_to(actor, "patient.view").filter(pk__in=found)[:MOST])


def _words(name: str) -> list[str]:
    return sorted(fold(name).split())
