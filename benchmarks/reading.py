"""What a reader's work costs the server, by the size of the case: corrections, page, next cells.

Whole requests in this process, through all middleware, against PostgreSQL and Redis of the
settings; in a database of its own, which is made beside the platform's and dropped at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from benchmarks.rows import CELLS_IN_A_FIELD, add_field, open_case, reader_of_a_clinic
from benchmarks.turnaround import summary
from cases.choices import CaseStatus
from cases.models import Case
from inference.models import Cell


def measure(cells: int, times: int) -> dict[str, Any]:
    """Milliseconds and bytes of each kind of request on a case of so many cells."""
    reader, clinic = reader_of_a_clinic()
    case = _case(reader, clinic, cells)
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


def _case(reader: User, clinic: Organisation, cells: int) -> Case:
    status = {"status": CaseStatus.IN_REVIEW, "assignee": reader, "claimed_at": timezone.now()}
    case = open_case(clinic, **status)
    for position in range(1, cells // CELLS_IN_A_FIELD + 1):
        add_field(case, position)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return case
