"""`manage.py train_segmentation`: from drawn, boxed and rendered fields to a package."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from inference.engine.package import PACKAGES, PackageInvalid
from inference.management.commands._study import SCRATCH, progress_bar
from inference.management.commands.train import reports_in
from telepath.core.commands import ExampleCommand

DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train the U-Net that draws white cells and write a model package.\n\n"
        "One picture in five of each set, by the hash of its name, is never looked at here.\n"
        "A killed run goes on at its last checkpoint when the same command is given again."
    )
    examples = """
    python manage.py train_segmentation --edition 1.0.0
    python manage.py train_segmentation --edition 1.0.0 --figures var/segmentation.json
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", type=Path, default=DATA, help="folder with wbc_masks, bccd and taleqani"
        )
        parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
        parser.add_argument("--name", default="wbc-unet", help="name of the package")
        parser.add_argument("--edition", default="1.0.0", help="version of the package")
        parser.add_argument("--output", type=Path, default=PACKAGES, help="folder for packages")
        parser.add_argument(
            "--figures",
            type=Path,
            nargs="+",
            default=[],
            help="JSON written by `evaluate --segmentation --output`, put into the card",
        )
        parser.add_argument("--steps", type=int, default=1500)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--limit", type=int, help="pictures of each set at most: a trial run")
        parser.add_argument("--full-precision", action="store_true", help="no bfloat16")
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.training.publish import Edition
        from inference.engine.training.segmenting.loop import LEAST_STEPS, SegmentingSettings
        from inference.engine.training.segmenting.study import collect, train_segmentation

        if options["steps"] < LEAST_STEPS:
            raise CommandError(f"--steps must be {LEAST_STEPS} or more.")
        figures = [report for path in options["figures"] for report in reports_in(path)]
        cache = options["cache"] / "segmenting"
        try:
            with progress_bar(options, "pictures") as tell:
                data = collect(options["data"], cache, limit=options["limit"], progress=tell)
            with progress_bar(options, "training") as tell:
                part = train_segmentation(
                    data,
                    SegmentingSettings(steps=options["steps"], seed=options["seed"]),
                    Edition(options["name"], options["edition"], options["output"]),
                    cache=cache,
                    figures=figures,
                    command=_command(options),
                    full_precision=options["full_precision"],
                    progress=tell,
                )
        except (PackageInvalid, FileNotFoundError) as problem:
            raise CommandError(str(problem)) from None
        made = {"name": part.name, "version": part.version, "sha256": part.sha256}
        if options["json"]:
            self.stdout.write(json.dumps({**made, "path": str(part.path)}))
        else:
            self.stdout.write(f"{part.name} {part.version} lies in {part.path}")


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train_segmentation --name {options['name']} "
        f"--edition {options['edition']} --steps {options['steps']} --seed {options['seed']}"
        + (f" --limit {options['limit']}" if options["limit"] else "")
        + (" --full-precision" if options["full_precision"] else "")
    )
