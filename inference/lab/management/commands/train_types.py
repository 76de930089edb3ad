"""`manage.py train_types`: from pictures of single cells to a package that names cell types."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.core.management.base import CommandError
from tqdm import tqdm

from inference.engine.package import TYPES, Part
from inference.engine.zoo.registry import names
from inference.lab.data.singles import scan
from inference.lab.management.commands._packages import (
    add_package_arguments,
    make_package,
    say_written,
)
from inference.lab.management.commands._study import FIELDS, SCRATCH, progress_bar, quiet
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told
    from inference.lab.train.types.study import TypeStudy

DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train the network that names white cells by type and write a model package.\n\n"
        "The data folder holds one folder of pictures a class, each with a cell in the middle.\n"
        "A fifth of them, chosen by the hash of their names, is never looked at here; a tenth\n"
        "sets temperature and threshold. Blasts of labelled fields teach the network when to be\n"
        "unsure. A killed run goes on at its last whole epoch when the same command is given again."
    )
    examples = """
    python manage.py train_types --edition 1.1.0 --notes docs/notes/pbc_cells.toml
    python manage.py train_types --edition 1.1.0 --only-figures --figures var/types.json
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=DATA / "pbc_cells", help="class folders")
        parser.add_argument(
            "--fields", type=Path, default=FIELDS, help="fields whose blasts teach what is no type"
        )
        parser.add_argument("--no-fields", action="store_true", help="teach the types alone")
        parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
        add_package_arguments(
            parser, name="cell-types", edition="1.0.0", judged_by="`evaluate_types`"
        )
        parser.add_argument("--arch", choices=names("cell"), default="type_net")
        parser.add_argument("--epochs", type=int, default=30)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--limit", type=int, help="about this many pictures: a trial run")
        parser.add_argument("--full-precision", action="store_true", help="no bfloat16")
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        def train(edition: Edition, told: Told) -> Part:
            from inference.lab.publish.types import train_types_package

            study = _study(options)
            with progress_bar(options, "training") as tell:
                return train_types_package(study, edition, told=told, progress=tell)

        part = make_package(
            options,
            TYPES,
            pictures=lambda: scan(options["data"]).sha256,
            command=_command(options),
            train=train,
        )
        say_written(self.stdout, part, options)


def _study(options: dict[str, Any]) -> TypeStudy:
    from inference.lab.data.manifest import ManifestInvalid
    from inference.lab.train.types.loop import TypeSettings
    from inference.lab.train.types.study import open_type_study

    if options["epochs"] < 1:
        raise CommandError("--epochs must be 1 or more.")
    settings = TypeSettings(
        arch=options["arch"],
        epochs=options["epochs"],
        seed=options["seed"],
        mixed=not options["full_precision"],
    )

    def wrap(paths: Sequence[str]) -> Sequence[str]:
        bar = tqdm(paths, unit="picture", desc="cutting cells", disable=quiet(options))
        return cast(Sequence[str], bar)

    fields = None if options["no_fields"] else options["fields"]
    try:
        return open_type_study(
            options["data"], fields, options["cache"], settings, limit=options["limit"], wrap=wrap
        )
    except ManifestInvalid as problem:
        raise CommandError(str(problem)) from None


def _command(options: dict[str, Any]) -> str:
    """The command that makes this package again, without paths of this machine."""
    return (
        f"python manage.py train_types --name {options['name']} --edition {options['edition']} "
        f"--arch {options['arch']} --epochs {options['epochs']} --seed {options['seed']}"
        + (" --no-fields" if options["no_fields"] else "")
        + (" --full-precision" if options["full_precision"] else "")
        + (f" --limit {options['limit']}" if options["limit"] else "")
    )
