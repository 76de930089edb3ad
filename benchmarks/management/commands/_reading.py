"""`manage.py benchmark reading`: what a reader's work costs the server, by the size of the case."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from benchmarks.reading import measure
from benchmarks.rows import CELLS_IN_A_FIELD, own_database

KINDS = {
    "correction": "one correction",
    "batch_of_12": "twelve in one batch",
    "page": "the review page",
    "next_cells": "the next cells of a group",
}


def add_arguments(parser: CommandParser) -> None:
    """The options of `manage.py benchmark reading`."""
    parser.add_argument("--cells", type=int, nargs="+", default=[300, 2000, 10_000])
    parser.add_argument("--times", type=int, default=100, help="of each request (default 100)")
    parser.add_argument("--json", action="store_true", help="one line, no progress bar")


def measured(options: dict[str, Any]) -> str:
    """The figures, as a text or as one line of JSON. Raises CommandError."""
    if min(options["cells"]) < CELLS_IN_A_FIELD or options["times"] < 1:
        raise CommandError(f"Measure at least one request, on {CELLS_IN_A_FIELD} cells or more.")
    sizes = tqdm(options["cells"], unit="case", disable=options["json"])
    with own_database():
        cases = [measure(cells, options["times"]) for cells in sizes]
    figures = {"cores": len(os.sched_getaffinity(0)), "cases": cases}
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _in_words(figures: dict[str, Any]) -> str:
    lines = [f"{figures['cores']} cores; p50 and p95 of whole requests, largest reply"]
    for case in figures["cases"]:
        lines.append(f"{case['cells']:,} cells")
        for kind, words in KINDS.items():
            one = case[kind]
            lines.append(
                f"  {words:<26} {one['p50_ms']:7.1f} ms {one['p95_ms']:7.1f} ms"
                f" {one['bytes'] / 1000:8.1f} kB"
            )
    return "\n".join(lines)
