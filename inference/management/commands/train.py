"""`manage.py train`: from labelled fields to a model package."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import PACKAGES, ModelPackage, PackageInvalid
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
    examples = "python manage.py train --name cells --edition 1.1.0"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="cells", help="name of the package")
        parser.add_argument("--edition", default="1.1.0", help="version of the package")
        parser.add_argument("--output", type=Path, default=PACKAGES, help="folder for packages")
        parser.add_argument(
            "--figures",
            type=Path,
            nargs="+",
            default=[],
            help="JSON written by `evaluate` or `audit_model --output`, put into the card",
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
        from inference.engine.training.publish import Edition, describe_again

        figures = [report for path in options["figures"] for report in reports_in(path)]
        edition = Edition(options["name"], options["edition"], options["output"])
        try:
            if options["only_figures"]:
                package = describe_again(edition, figures)
            else:
                package = _trained(options, edition, figures)
        except PackageInvalid as problem:
            raise CommandError(str(problem)) from None
        made = {"name": package.name, "version": package.version, "sha256": package.sha256}
        if options["json"]:
            self.stdout.write(json.dumps({**made, "path": str(package.path)}))
        else:
            self.stdout.write(f"{package.name} {package.version} lies in {package.path}")


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


def reports_in(path: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as problem:
        raise CommandError(f"The figures in {path} cannot be read: {problem}.") from None


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train --name {options['name']} --edition {options['edition']} "
        f"--calibrate-on {options['calibrate_on']} --arch {options['arch']} "
        f"--epochs {options['epochs']} --seed {options['seed']}"
        + (f" --limit {options['limit']}" if options["limit"] else "")
    )
