"""`manage.py train`: from labelled fields to a model package."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import ModelPackage, PackageInvalid
from inference.management.commands._packages import (
    add_package_arguments,
    edition_of,
    figures_of,
    say_written,
)
from inference.management.commands._study import add_study_arguments, progress_bar, study_from
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.engine.training.publish import Edition


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train the cell classifier and write a model package.\n\n"
        "A killed run goes on at its last whole turn when the same command is given again.\n"
        "Set KERAS_BACKEND to train on another backend of Keras."
    )
    examples = "python manage.py train --name cells --edition 1.4.0"
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
        parser.add_argument(
            "--only-figures",
            action="store_true",
            help="train nothing: put the figures into the card of this finished edition",
        )
        add_study_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.training.publish import describe_again

        figures = figures_of(options)
        edition = edition_of(options)
        try:
            if options["only_figures"]:
                package = describe_again(edition, figures)
            else:
                package = _trained(options, edition, figures)
        except PackageInvalid as problem:
            raise CommandError(str(problem)) from None
        say_written(self.stdout, package, options)


def _trained(
    options: dict[str, Any], edition: Edition, figures: list[dict[str, Any]]
) -> ModelPackage:
    from inference.engine.training.study import train_package

    study = study_from(options)
    with progress_bar(options, "training") as tell:
        return train_package(
            study,
            edition,
            calibrate_on=options["calibrate_on"],
            figures=figures,
            command=_command(options),
            progress=tell,
        )


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train --name {options['name']} --edition {options['edition']} "
        f"--calibrate-on {options['calibrate_on']} --arch {options['arch']} "
        f"--epochs {options['epochs']} --seed {options['seed']}"
        + (f" --limit {options['limit']}" if options["limit"] else "")
    )
