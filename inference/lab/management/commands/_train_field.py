"""`train field`: the model that judges fields by their cells."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from inference.engine.package import FIELD, Part
from inference.lab.data.manifest import read_manifest
from inference.lab.management.commands._packages import Options, Training
from inference.lab.management.commands._study import (
    FIELDS,
    add_learning_arguments,
    progress_bar,
    study_from,
)

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told


def _add_arguments(parser: ArgumentParser) -> None:
    add_learning_arguments(parser)
    parser.add_argument(
        "--calibrate-on",
        choices=("appearance_group", "appearance_round", "fold", "random"),
        default="appearance_round",
        help="split whose held-out fields set temperature and prediction sets",
    )


def _pictures(data: Path) -> str:
    return read_manifest(data).sha256


def _train(options: Options, edition: Edition, told: Told) -> Part:
    from inference.lab.publish.field import train_package

    study = study_from(options)
    with progress_bar(options, "training") as tell:
        return train_package(
            study, edition, calibrate_on=options["calibrate_on"], told=told, progress=tell
        )


TRAINING = Training(
    kind=FIELD,
    help="the model that judges fields by their cells; its audit is made at the end",
    name="cells",
    data=FIELDS,
    judged_by="`evaluate` or `audit_model`",
    told=("calibrate_on", "arch", "epochs"),
    add_arguments=_add_arguments,
    pictures=_pictures,
    train=_train,
)
