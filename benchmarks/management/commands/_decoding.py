"""`manage.py benchmark decoding`: pictures read in a process apart, beside the same work here."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management.base import CommandError, CommandParser

from benchmarks.decoding import measured as measured_sizes


def add_arguments(parser: CommandParser) -> None:
    """The options of `manage.py benchmark decoding`."""
    parser.add_argument("--times", type=int, default=30, help="each size, each way (default 30)")
    parser.add_argument("--json", action="store_true", help="one line")


def measured(options: dict[str, Any]) -> str:
    """The figures, as a text or as one line of JSON. Raises CommandError."""
    if options["times"] < 1:
        raise CommandError("Measure each size at least once.")
    figures = {"cores": len(os.sched_getaffinity(0)), "sizes": measured_sizes(options["times"])}
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _in_words(figures: dict[str, Any]) -> str:
    rows = [
        f"{one['size']:>14}{one['in_process_ms']:12.1f}{one['apart_ms']:10.1f}{one['ratio']:9.2f}"
        for one in figures["sizes"]
    ]
    heads = f"{'':14}{'in process':>12}{'apart':>10}{'times':>9}"
    return "\n".join(
        [f"{figures['cores']} cores; from file to display pictures, median ms", heads, *rows]
    )
