"""`manage.py train_segmentation`: from drawn, boxed and rendered fields to a package."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import SEGMENTATION, Part
from inference.lab.data.truth import listed_sha256
from inference.lab.management.commands._packages import (
    add_package_arguments,
    make_package,
    say_written,
)
from inference.lab.management.commands._study import SCRATCH, progress_bar
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told

DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train the U-Net that draws white cells and write a model package.\n\n"
        "One picture in five of each set, by the hash of its name, is never looked at here.\n"
        "A killed run goes on at its last checkpoint when the same command is given again."
    )
    examples = """
    python manage.py train_segmentation --edition 1.2.0 --notes docs/notes/segmentation.toml
    python manage.py train_segmentation --edition 1.2.0 --only-figures --figures var/cells.json
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data",
            type=Path,
            default=DATA,
            help="folder with wbc_masks, bccd, pbc_cells and taleqani",
        )
        parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
        add_package_arguments(
            parser, name="wbc-unet", edition="1.1.0", judged_by="`evaluate --segmentation`"
        )
        parser.add_argument("--steps", type=int, default=3000)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--limit", type=int, help="pictures of each set at most: a trial run")
        parser.add_argument("--full-precision", action="store_true", help="no bfloat16")
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        def train(edition: Edition, told: Told) -> Part:
            return _trained(options, edition, told)

        part = make_package(
            options,
            SEGMENTATION,
            pictures=lambda: listed_sha256(options["data"]),
            command=_command(options),
            train=train,
        )
        say_written(self.stdout, part, options)


def _trained(options: dict[str, Any], edition: Edition, told: Told) -> Part:
    from inference.lab.publish.segmentation import train_segmentation
    from inference.lab.train.segmentation.loop import LEAST_STEPS, SegmentingSettings
    from inference.lab.train.segmentation.study import collect

    if options["steps"] < LEAST_STEPS:
        raise CommandError(f"--steps must be {LEAST_STEPS} or more.")
    cache = options["cache"] / "segmenting"
    with progress_bar(options, "pictures") as tell:
        data = collect(options["data"], cache, limit=options["limit"], progress=tell)
    with progress_bar(options, "training") as tell:
        return train_segmentation(
            data,
            SegmentingSettings(steps=options["steps"], seed=options["seed"]),
            edition,
            cache=cache,
            told=told,
            full_precision=options["full_precision"],
            progress=tell,
        )


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train_segmentation --name {options['name']} "
        f"--edition {options['edition']} --steps {options['steps']} --seed {options['seed']}"
        + (f" --limit {options['limit']}" if options["limit"] else "")
        + (" --full-precision" if options["full_precision"] else "")
    )
