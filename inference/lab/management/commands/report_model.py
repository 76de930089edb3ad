"""`manage.py report_model`: figures of an evaluation as a page and pictures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from telepath.core.commands import ExampleCommand


class Command(ExampleCommand):
    """Parse, write, print."""

    help = (
        "Make one page that fetches nothing, and PNG pictures, from what `evaluate --output` and\n"
        "`audit_model --output` wrote: figures with intervals, confusion, ROC, calibration,\n"
        "learning curves, group by group beside the baselines."
    )
    examples = "python manage.py report_model figures.json audit.json --output report/"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("figures", nargs="+", type=Path, metavar="FIGURES.json")
        parser.add_argument("--output", type=Path, required=True, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.lab.report.write import ReportInvalid, write_report

        reports = [report for path in options["figures"] for report in _reports(path)]
        try:
            written = write_report(reports, options["output"])
        except ReportInvalid as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(
                f"{options['output']} cannot be written: {problem.strerror}."
            ) from None
        self.stdout.write(str(written))


def _reports(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise CommandError(f"The figures in {path} cannot be read: {problem}.") from None
    reports = found if isinstance(found, list) else [found]
    if not all(isinstance(report, dict) and "split" in report for report in reports):
        raise CommandError(f"{path} holds no figures as `evaluate --output` writes them.")
    return reports
