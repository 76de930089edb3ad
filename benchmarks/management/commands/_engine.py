"""`manage.py benchmark engine`: the engine alone, without server or database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from benchmarks.memory import EARLY, resident_memory
from benchmarks.pictures import NoPictures, field_files
from inference.engine.package import ModelPackage, PackageInvalid, find_package


def add_arguments(parser: CommandParser) -> None:
    """The options of `manage.py benchmark engine`."""
    parser.add_argument("--fields", type=Path, help="a folder of pictures; default: synthetic ones")
    parser.add_argument("--count", type=int, default=30, help="how many of them (default 30)")
    parser.add_argument("--model", metavar="NAME", help="name or name/version of a model")
    parser.add_argument(
        "--memory",
        type=int,
        nargs="?",
        const=10_000,
        metavar="N",
        help="instead: memory after 100 and after N fields (default 10000)",
    )
    parser.add_argument("--json", action="store_true", help="one line, no progress bar")


def measured(options: dict[str, Any]) -> str:
    """The figures, as a text or as one line of JSON. Raises CommandError."""
    if options["count"] < 1 or (options["memory"] or EARLY + 1) <= EARLY:
        raise CommandError(f"Measure at least one field, memory over more than {EARLY}.")
    with TemporaryDirectory(prefix="fields-") as place:
        try:
            package = find_package(options["model"], Path(settings.MODEL_PACKAGES))
            files = field_files(options["fields"], options["count"], Path(place))
            figures = {"cores": len(os.sched_getaffinity(0)), **_figures(package, files, options)}
        except (PackageInvalid, NoPictures) as problem:
            raise CommandError(str(problem)) from problem
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _figures(package: ModelPackage, files: list[Path], options: dict[str, Any]) -> dict[str, Any]:
    def watch(paths: Iterable[Path]) -> Iterable[Path]:
        total = options["memory"] or len(files)
        bar: Iterable[Path] = tqdm(paths, total=total, unit="field", disable=options["json"])
        return bar

    if options["memory"]:
        from inference.engine.analyser import load_analyser

        return resident_memory(load_analyser(package), files, options["memory"], watch)
    from benchmarks.engine import measure as measure_engine  # imports Keras

    return measure_engine(package, files, watch)


def _in_words(figures: dict[str, Any]) -> str:
    if "ratio" in figures:
        return (
            f"Resident memory after {EARLY} fields {figures[f'after_{EARLY}_mib']} MiB, after "
            f"{figures['fields']} {figures['after_all_mib']} MiB: {figures['ratio']} times."
        )
    ways = [
        f"  {name:<12}{ms:>10.2f} ms  {figures['times_ours'][name]:>8.2f} times ours"
        for name, ms in figures["classifier_ms"].items()
    ]
    stages = [
        f"  {name:<14}{ms['p50']:>8.2f} ms  95 % within {ms['p95']:>8.2f} ms"
        for name, ms in figures["field_ms"].items()
    ]
    return "\n".join(
        [
            f"The network on the cells of one field ({figures['cells_median']:g} at the median of "
            f"{figures['fields']} fields, {figures['cores']} cores):",
            *ways,
            f"  ours to bare, median over fields: {figures['ours_to_bare']['wall']} in time, "
            f"{figures['ours_to_bare']['processor']} in processor time",
            "A whole field, file to answer, warm:",
            *stages,
        ]
    )
