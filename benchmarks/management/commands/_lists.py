"""`manage.py benchmark lists`: what lists cost the server, by the number of cases."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from benchmarks.lists import measured as measured_pages
from benchmarks.lists import pages
from benchmarks.many import OPEN_SHARE, grow, open_of, world
from benchmarks.rows import own_database

FEWEST = 1000
LIMIT_MS = 150


def add_arguments(parser: CommandParser) -> None:
    """The options of `manage.py benchmark lists`."""
    parser.add_argument("--cases", type=int, nargs="+", default=[1000, 30_000, 1_000_000])
    parser.add_argument("--times", type=int, default=20, help="each page (default 20)")
    parser.add_argument("--json", action="store_true", help="one line, no progress bar")


def measured(options: dict[str, Any]) -> str:
    """The figures, as a text or as one line of JSON. Raises CommandError."""
    sizes = sorted(set(options["cases"]))
    if sizes[0] < FEWEST or options["times"] < 1:
        raise CommandError(f"Measure each page at least once, among {FEWEST} cases or more.")
    found, before = [], 0
    with own_database():
        made = world()
        for size in tqdm(sizes, unit="size", disable=options["json"]):
            grow(made, before + 1, size)
            before = size
            found.append({"cases": size, "open": open_of(size)})
            found[-1]["pages"] = measured_pages(pages(made, size), options["times"])
    figures = {"cores": len(os.sched_getaffinity(0)), "sizes": found}
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _in_words(figures: dict[str, Any]) -> str:
    sizes = figures["sizes"]
    heads = "".join(f"{size['cases']:>11,}" for size in sizes)
    lines = [
        f"{figures['cores']} cores. p95 of whole pages in ms by the number of cases, "
        f"of which one in {OPEN_SHARE} waits, at most {sizes[-1]['open']:,}.",
        "Then, at the largest: queries, kB that PostgreSQL sent, peak of Python's memory.",
        f"{'':28}{heads}",
    ]
    for name in sizes[0]["pages"]:
        rows = [size["pages"][name] for size in sizes]
        last = rows[-1]
        times = "".join(f"{row['p95_ms']:11.1f}" for row in rows)
        same = len({row["queries"] for row in rows}) == 1
        lines.append(
            f"{name:28}{times}   {last['queries']:3d} queries{'' if same else ' (not constant)'}"
            f" {last['fetched_kb']:8.1f} kB {last['peak_mb']:6.1f} MB"
            f"{'' if last['p95_ms'] <= LIMIT_MS else f'   over {LIMIT_MS} ms'}"
        )
    return "\n".join(lines)
