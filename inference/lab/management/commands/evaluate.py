"""`manage.py evaluate`: how good is the engine on fields that it never saw."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from inference.lab.management.commands._study import add_study_arguments, progress_bar, study_from
from telepath.core.commands import ExampleCommand

SPLITS = ("appearance_group", "appearance_round", "fold", "random")


class Command(ExampleCommand):
    """Parse, evaluate, print."""

    help = (
        "Train on part of the labelled fields and judge on the rest, turn by turn.\n\n"
        "Believe the splits by appearance; the random split only compares with the papers.\n"
        "Finished turns are kept in the scratch folder, so a killed run goes on."
    )
    examples = "python manage.py evaluate --split appearance_round random"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--split", nargs="+", choices=SPLITS, default=list(SPLITS))
        parser.add_argument(
            "--segmentation", metavar="METHOD", help="judge a segmentation method instead"
        )
        parser.add_argument(
            "--whole-field",
            action="store_true",
            help="beside it a ConvNet that sees the whole field, trained on the same turns",
        )
        parser.add_argument(
            "--report", type=Path, metavar="DIR", help="also write a page with pictures"
        )
        parser.add_argument("--output", type=Path, help="also write the figures here, as JSON")
        add_study_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        reports = self._reports(options)
        if options["json"]:
            self.stdout.write(json.dumps(reports))
        if options["output"]:
            options["output"].write_text(json.dumps(reports, indent=2) + "\n", "utf-8")
        if options["report"]:
            self._report(options, reports)

    def _reports(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        if options["segmentation"]:
            return self._segmentation(options)
        return self._splits(options)

    def _report(self, options: dict[str, Any], reports: list[dict[str, Any]]) -> None:
        from inference.lab.report.write import ReportInvalid, write_report

        try:
            page = write_report(reports, options["report"])
        except ReportInvalid as problem:
            raise CommandError(str(problem)) from None
        self._say(options, f"The report lies in {page}")

    def _segmentation(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        from inference.lab.evaluate.segmentation import as_lines, evaluate_segmentation

        try:
            with progress_bar(options, "segmentation") as tell:
                report = evaluate_segmentation(
                    options["segmentation"], options["data"].parent, tell
                )
        except (KeyError, FileNotFoundError) as problem:
            raise CommandError(str(problem.args[0])) from None
        self._say(options, as_lines(report))
        return [report]

    def _splits(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        from inference.lab.evaluate.splits import LEGEND, as_table, evaluate_split

        study = study_from(options)
        reports = []
        for split in options["split"]:
            with progress_bar(options, split) as tell:
                found = evaluate_split(study, split, tell, whole_field=options["whole_field"])
                reports.append(found)
            self._say(options, as_table(reports[-1]) + "\n")
        self._say(options, LEGEND)
        return reports

    def _say(self, options: dict[str, Any], text: str) -> None:
        if not options["json"]:
            self.stdout.write(text)
