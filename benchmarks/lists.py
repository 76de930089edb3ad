"""What lists cost by the number of cases: queue, cases, patients, searches, and a sign-in.

Whole requests in this process, through all middleware, against PostgreSQL and Redis of the
settings; in a database of its own (`benchmarks.rows.own_database`).
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from benchmarks.many import PASSWORD, World, open_of
from benchmarks.turnaround import summary
from cases.choices import WAITING
from cases.models import Case, Patient
from cases.selectors.queue import PRESSING

Ask = Callable[[], Any]


def pages(made: World, cases: int) -> dict[str, Ask]:
    """What is asked, by what it is called."""
    reader, clinic, small = (client_of(who) for who in (made.reader, made.submitter, made.small))
    someone = Patient.objects.get(mrn=f"MRN-{cases // 2:07d}")
    middle = Case.objects.get(patient=someone)
    waiting = Case.objects.filter(status__in=WAITING).order_by(*PRESSING.terms())
    deep = waiting[open_of(cases) // 2].pk
    first, last = someone.name.split()
    return {
        "sign-in to the queue": lambda: _sign_in(made.reader),
        "queue": getting(reader, "queue"),
        "queue, half-way down": getting(reader, "queue", after=deep),
        "queue, rows again": getting(reader, "queue_rows", s=deep),
        "queue, one flag": getting(reader, "queue", flag="unsure"),
        "queue, one name": getting(reader, "queue", text=f"{last} {first}"),
        "cases": getting(reader, "case_list"),
        "cases, half-way down": getting(reader, "case_list", after=middle.pk),
        "cases by patient, half-way": getting(
            reader, "case_list", order="patient", after=middle.pk
        ),
        "cases, returned": getting(reader, "case_list", status="returned"),
        "cases of a clinic": getting(clinic, "case_list"),
        "cases of a small clinic": getting(small, "case_list"),
        "cases: name": getting(reader, "case_list", q=f"{last} {first}"),
        "cases: beginning of a name": getting(reader, "case_list", q=last[:3]),
        "cases: record number": getting(reader, "case_list", q=someone.mrn),
        "cases: accession": getting(reader, "case_list", q=middle.accession),
        "cases: birth date": getting(reader, "case_list", q=f"{someone.birth_date:%-d %b %Y}"),
        "cases: nobody": getting(reader, "case_list", q="Nobody Ofthisname"),
        "patients": getting(reader, "patient_list"),
        "patients, half-way down": getting(reader, "patient_list", after=someone.pk),
        "patients: name": getting(reader, "patient_list", q=f"{last} {first}"),
        "patients: one letter": getting(reader, "patient_list", q=last[:1]),
        "patients: record number": getting(reader, "patient_list", q=someone.mrn),
        "patients of a clinic: name": getting(clinic, "patient_list", q=f"{last} {first}"),
    }


def measured(asked: Mapping[str, Ask], times: int) -> dict[str, dict[str, float]]:
    """Of each: milliseconds, queries, bytes that PostgreSQL sent, and Python's peak in MB."""
    return {name: measured_page(ask, times) for name, ask in asked.items()}


def measured_page(ask: Ask, times: int) -> dict[str, float]:
    """Of one page that was seen before: as `measured`."""
    ask()
    seconds = []
    for _ in range(times):
        start = perf_counter()
        ask()
        seconds.append(perf_counter() - start)
    with CaptureQueriesContext(connection) as caught:
        ask()
    queries = list(caught)  # now: the next request empties the log
    tracemalloc.start()
    ask()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    spread = summary(seconds)
    return {
        "p50_ms": spread["p50"] * 1000,
        "p95_ms": spread["p95"] * 1000,
        "queries": len(queries),
        "fetched_kb": sum(_weight(query["sql"]) for query in queries) / 1000,
        "peak_mb": peak / 1e6,
    }


def _weight(sql: str) -> int:
    """Bytes of what a SELECT answers, as text."""
    if not sql.lstrip("(").startswith("SELECT") or "FOR UPDATE" in sql:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(octet_length(row::text)), 0) FROM ({sql}) AS row")
        return int(cursor.fetchone()[0])


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def getting(client: Client, name: str, **query: Any) -> Ask:
    address = f"{reverse(f'cases:{name}')}?{urlencode(query)}"
    return lambda: _well(client.get(address))


def _sign_in(person: User) -> Any:
    """From the password to the queue, as the browser goes."""
    cache.clear()
    form = {"login": person.email, "password": PASSWORD}
    return _well(Client().post(reverse("account_login"), form, follow=True))


def _well(answer: Any) -> Any:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")
    return answer
