"""`train types`: the network that names white cells, on pictures of single cells.

A fifth of them, chosen by the hash of their names, is never looked at here; a tenth sets
temperature and threshold. Blasts of labelled fields teach the network when to be unsure.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

from inference.engine.package import TYPES, Part
from inference.engine.zoo.registry import names
from inference.lab.data.singles import scan
from inference.lab.management.commands._packages import Options, Training
from inference.lab.management.commands._study import DATA, FIELDS, counted, progress_bar

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told
    from inference.lab.train.types.study import TypeStudy


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--fields", type=Path, default=FIELDS, help="fields whose blasts teach what is no type"
    )
    parser.add_argument("--no-fields", action="store_true", help="teach the types alone")
    parser.add_argument("--arch", choices=names("cell"), default="type_net")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")


def _pictures(data: Path) -> str:
    return scan(data).sha256


def _train(options: Options, edition: Edition, told: Told) -> Part:
    from inference.lab.publish.types import train_types_package

    study = _study(options)
    with progress_bar(options, "training") as tell:
        return train_types_package(study, edition, told=told, progress=tell)


def _study(options: Options) -> TypeStudy:
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

    fields = None if options["no_fields"] else options["fields"]
    return open_type_study(
        options["data"],
        fields,
        options["cache"],
        settings,
        limit=options["limit"],
        wrap=counted(options, "picture", "cutting cells"),
    )


TRAINING = Training(
    kind=TYPES,
    help="the network that names white cells by type, on folders of single cells, one a class",
    name="cell-types",
    data=DATA / "pbc_cells",
    judged_by="`evaluate_types`",
    told=("arch", "epochs", "no_fields", "full_precision"),
    add_arguments=_add_arguments,
    pictures=_pictures,
    train=_train,
)
