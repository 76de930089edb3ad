"""What a reader's work costs the server, by the size of the case: corrections, page, next cells.

Whole requests in this process, through all middleware, against PostgreSQL and Redis of the
settings; in a database of its own, which is made beside the platform's and dropped at the end.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.choices import OrganisationKind, Role
from accounts.models import Membership, Organisation, ReadingAgreement, User
from benchmarks.turnaround import summary
from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, Patient, SmearImage
from inference.choices import RunStatus
from inference.models import AnalysisRun, Cell

CELLS_IN_A_FIELD = 50
_CLASSES = ("blast", "lymphocyte", "unidentified", "neutrophil", "lymphocyte", "blast")
_CONTOUR = [[x, 10 + x % 7] for x in range(24)]
_SAID = {"Benign": 0.12, "Early": 0.08, "Pre": 0.7, "Pro": 0.1}


@contextmanager
def own_database() -> Iterator[None]:
    """A migrated, empty database for the measurement."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


def measure(cells: int, times: int) -> dict[str, Any]:
    """Milliseconds and bytes of each kind of request on a case of so many cells."""
    reader = _reader()
    case = _case(reader, cells)
    client = Client(headers={"Accept": "application/json"})
    client.force_login(reader)
    ids = list(Cell.objects.filter(run__in=case.images.values("run_id")).values_list("pk"))
    address = reverse("cases:reading_steps", args=[case.pk])
    page = reverse("cases:case_detail", args=[case.pk])
    shown = reverse("cases:case_cells", args=[case.pk])
    cursor = _cursor(client, shown)
    one = iter(range(times))
    many = iter(range(times))

    def correct(at: int, number: int) -> Callable[[], Any]:
        chosen = [str(ids[(at * number + step) % len(ids)][0]) for step in range(number)]
        said = "monocyte" if at % 2 else "lymphocyte"
        steps = [
            {"id": str(uuid4()), "kind": "call", "cells": [pk], "cell_class": said} for pk in chosen
        ]
        return lambda: client.post(address, {"steps": steps}, "application/json")

    return {
        "cells": cells,
        "correction": _measured(times, lambda: correct(next(one), 1)()),
        "batch_of_12": _measured(times, lambda: correct(next(many), 12)()),
        "page": _measured(max(3, times // 5), lambda: client.get(page, HTTP_ACCEPT="text/html")),
        "next_cells": _measured(max(3, times // 5), lambda: client.get(cursor)),
    }


def _measured(times: int, ask: Callable[[], Any]) -> dict[str, float]:
    seconds, largest = [], 0
    for _ in range(times):
        start = perf_counter()
        answer = ask()
        seconds.append(perf_counter() - start)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")
        largest = max(largest, len(answer.content))
    spread = summary(seconds)
    return {"p50_ms": spread["p50"] * 1000, "p95_ms": spread["p95"] * 1000, "bytes": largest}


def _cursor(client: Client, shown: str) -> str:
    """The address of the second page of the group that has one; without, of any group."""
    found = re.search(r'data-more="([^"]+)"', client.get(shown).content.decode())
    return found.group(1).replace("&amp;", "&") if found else f"{shown}?group=blast"


def _reader() -> User:
    name = f"measured-{uuid4()}"
    return User.objects.create_user(email=f"{name}@example.org", name="Dr. Measured")


def _case(reader: User, cells: int) -> Case:
    code = uuid4().hex[:6]
    clinic = Organisation.objects.create(name=f"Clinic {code}", code=f"C{code}")
    laboratory = Organisation.objects.create(
        name=f"Laboratory {code}", code=f"L{code}", kind=OrganisationKind.LABORATORY
    )
    ReadingAgreement.objects.create(clinic=clinic, laboratory=laboratory)
    Membership.objects.create(
        user=reader,
        organisation=laboratory,
        role=Role.PATHOLOGIST,
        accepted_at=timezone.now(),
    )
    patient = Patient.objects.create(
        clinic=clinic,
        mrn="M-1",
        mrn_key="m-1",
        name="Measured",
        sex="female",
        birth_date=datetime.date(2019, 5, 4),
    )
    case = Case.objects.create(
        clinic=clinic,
        patient=patient,
        accession=f"{code}-1",
        specimen="peripheral_blood",
        stain="giemsa",
        status=CaseStatus.IN_REVIEW,
        assignee=reader,
        claimed_at=timezone.now(),
        submitted_at=timezone.now(),
    )
    for position in range(1, cells // CELLS_IN_A_FIELD + 1):
        _field(case, position)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return case


def _field(case: Case, position: int) -> None:
    run = AnalysisRun.objects.create(
        input_key="measured",
        input_sha256="0" * 64,
        status=RunStatus.SUCCEEDED,
        finished_at=timezone.now(),
        result={"status": "ok", "decision": "Pre", "label": "Pre", "probabilities": _SAID},
    )
    SmearImage.objects.create(
        case=case,
        position=position,
        filename=f"field-{position}.jpg",
        size=1000,
        sha256=uuid4().hex * 2,
        status=ImageStatus.READY,
        original_key="measured",
        width=2000,
        height=2000,
        run_id=run.pk,
    )
    Cell.objects.bulk_create(_cell(run, number) for number in range(1, CELLS_IN_A_FIELD + 1))


def _cell(run: AnalysisRun, number: int) -> Cell:
    return Cell(
        run=run,
        number=number,
        x=number * 20,
        y=number * 30,
        width=30,
        height=30,
        area_px=700,
        contour=_CONTOUR,
        label="Pre",
        cell_class=_CLASSES[number % len(_CLASSES)],
        probabilities=_SAID,
        prediction_set=["Pre"],
        weight=1 / CELLS_IN_A_FIELD,
        is_cut=number % 12 == 0,
        doubt=number / 100,
        evidence={"map": [[128] * 24] * 24, "types": _SAID, "class": "Pre"},
        morphology={f"measure_{at}": {"value": 1.5, "unit": "um"} for at in range(15)},
    )
