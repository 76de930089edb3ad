"""`manage.py train KIND`: from labelled pictures and notes on them to a model package."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandParser

from inference.lab.management.commands import _train_field, _train_segmentation, _train_types
from inference.lab.management.commands._packages import (
    Training,
    add_package_arguments,
    make_package,
)
from telepath.core.commands import ExampleCommand

KINDS: dict[str, Training] = {
    "field": _train_field.TRAINING,
    "types": _train_types.TRAINING,
    "segmentation": _train_segmentation.TRAINING,
}


class Command(ExampleCommand):
    """Parse, train, print."""

    help = (
        "Train a model and write its package.\n\n"
        "Its words (sources, limits, what was tried) come from notes beside the data, without\n"
        "which nothing is trained. A killed run goes on when the same command is given again.\n"
        "Set KERAS_BACKEND to train on another backend of Keras. `train KIND --help` says more."
    )
    examples = """
    python manage.py train segmentation --edition 1.2.0 --notes docs/notes/segmentation.toml
    python manage.py train types --edition 1.1.0 --notes docs/notes/pbc_cells.toml
    python manage.py train field --edition 1.5.0 --notes docs/notes/taleqani.toml
    python manage.py train field --edition 1.5.0 --only-figures --figures var/figures.json
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        for name, training in KINDS.items():
            one: ArgumentParser = kinds.add_parser(name, help=training.help)
            add_package_arguments(one, training)
            training.add_arguments(one)

    def handle(self, *args: Any, **options: Any) -> None:
        part = make_package(options, KINDS[options["kind"]])
        made = {"name": part.name, "version": part.version, "sha256": part.sha256}
        if options["json"]:
            self.stdout.write(json.dumps({**made, "path": str(part.path)}))
        else:
            self.stdout.write(f"{part.name} {part.version} lies in {part.path}")
