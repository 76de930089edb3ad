"""`manage.py benchmark queue`: the page of the queue, over analysed cases with their pictures."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from benchmarks.lists import client_of, getting, measured_page
from benchmarks.rows import add_field, open_case, own_database, reader_of_a_clinic, shipped_model
from cases.services.standing import weigh

CELLS_IN_A_PICTURE = 12
"""About as many as a field of 224 px of the shared pictures holds."""
BEFORE = {"p50_ms": 4300.0, "queries": None, "fetched_kb": 95_000.0, "peak_mb": 448.0}
"""Version 0.1.0, 200 cases of 5 pictures, from the review of 25 November 2026; of the peak the
lower of two figures."""
LIMITS = {"queries": 12, "fetched_kb": 1000, "peak_mb": 30}
WORDS = {
    "p50_ms": "ms, half of the pages within",
    "p95_ms": "ms, 95 % within",
    "queries": "statements, session and transaction brackets among them",
    "fetched_kb": "kB that PostgreSQL sent",
    "peak_mb": "MB, peak of Python's memory",
}


def add_arguments(parser: CommandParser) -> None:
    """The options of `manage.py benchmark queue`."""
    parser.add_argument("--cases", type=int, default=200, help="that wait (default 200)")
    parser.add_argument("--pictures", type=int, default=5, help="of each case (default 5)")
    parser.add_argument("--times", type=int, default=40, help="the page is asked for (default 40)")
    parser.add_argument("--json", action="store_true", help="one line, no progress bar")


def measured(options: dict[str, Any]) -> str:
    """The figures, as a text or as one line of JSON. Raises CommandError."""
    if min(options["cases"], options["pictures"], options["times"]) < 1:
        raise CommandError("Measure at least one page, of one case with one picture.")
    with own_database():
        reader, clinic = reader_of_a_clinic()
        model = shipped_model()
        for _ in tqdm(range(options["cases"]), unit="case", disable=options["json"]):
            case = open_case(clinic)
            for position in range(1, options["pictures"] + 1):
                add_field(case, position, CELLS_IN_A_PICTURE, model)
            weigh(case)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        page = measured_page(getting(client_of(reader), "queue"), options["times"])
    figures = {
        "cores": len(os.sched_getaffinity(0)),
        "cases": options["cases"],
        "pictures": options["pictures"],
        "card_kb": len(json.dumps(model.card)) / 1000,
        "at": timezone.now().isoformat(timespec="seconds"),
        "page": page,
    }
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _in_words(figures: dict[str, Any]) -> str:
    lines = [
        f"{figures['cores']} cores; the queue over {figures['cases']} cases of "
        f"{figures['pictures']} analysed pictures, a card of {figures['card_kb']:.0f} kB"
    ]
    for name, words in WORDS.items():
        value, before, most = figures["page"][name], BEFORE.get(name), LIMITS.get(name)
        ratio = f"; 0.1.0: {before:,.0f}, {before / value:,.0f} times as much" if before else ""
        limit = f"; at most {most:,}{'' if value <= most else ': TOO MUCH'}" if most else ""
        lines.append(f"{value:10.1f} {words}{limit}{ratio}")
    return "\n".join(lines)
