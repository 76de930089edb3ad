"""`manage.py train`: from labelled fields to a model package."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from inference.engine.package import FIELD, Part
from inference.lab.data.manifest import read_manifest
from inference.lab.management.commands._packages import (
    add_package_arguments,
    make_package,
    say_written,
)
from inference.lab.management.commands._study import add_study_arguments, progress_bar, study_from
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train the cell classifier and write a model package.\n\n"
        "A killed run goes on at its last whole turn when the same command is given again.\n"
        "Set KERAS_BACKEND to train on another backend of Keras."
    )
    examples = "python manage.py train --edition 1.5.0 --notes docs/notes/taleqani.toml"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_package_arguments(
            parser, name="cells", edition="1.4.0", judged_by="`evaluate` or `audit_model`"
        )
        parser.add_argument(
            "--calibrate-on",
            choices=("appearance_group", "appearance_round", "fold", "random"),
            default="appearance_round",
            help="split whose held-out fields set temperature and prediction sets",
        )
        add_study_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        def train(edition: Edition, told: Told) -> Part:
            from inference.lab.publish.field import train_package

            study = study_from(options)
            with progress_bar(options, "training") as tell:
                return train_package(
                    study, edition, calibrate_on=options["calibrate_on"], told=told, progress=tell
                )

        part = make_package(
            options,
            FIELD,
            pictures=lambda: read_manifest(options["data"]).sha256,
            command=_command(options),
            train=train,
        )
        say_written(self.stdout, part, options)


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train --name {options['name']} --edition {options['edition']} "
        f"--calibrate-on {options['calibrate_on']} --arch {options['arch']} "
        f"--epochs {options['epochs']} --seed {options['seed']}"
        + (f" --limit {options['limit']}" if options["limit"] else "")
    )
