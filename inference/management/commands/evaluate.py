"""`manage.py evaluate`: how good is the engine on fields that it never saw."""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from inference.management.commands._study import add_study_arguments, progress_bar, study_from

SPLITS = ("appearance_group", "appearance_round", "fold", "random")


class Command(BaseCommand):
    """Parse, evaluate, print."""

    help = (
        "Train on part of the labelled fields and judge on the rest, turn by turn.\n\n"
        "Example:\n  python manage.py evaluate --split appearance_round random\n\n"
        "Believe the splits by appearance; the random split only compares with the papers.\n"
        "Finished turns are kept in the scratch folder, so a killed run goes on."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--split", nargs="+", choices=SPLITS, default=list(SPLITS))
        parser.add_argument("--output", type=Path, help="also write the figures here, as JSON")
        add_study_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.evaluation.report import LEGEND, as_table, evaluate_split

        study = study_from(options)
        reports = []
        for split in options["split"]:
            with progress_bar(options, split) as tell:
                reports.append(evaluate_split(study, split, tell))
            if not options["json"]:
                self.stdout.write(as_table(reports[-1]) + "\n")
        if options["json"]:
            self.stdout.write(json.dumps(reports))
        else:
            self.stdout.write(LEGEND)
        if options["output"]:
            options["output"].write_text(json.dumps(reports, indent=2) + "\n", "utf-8")
