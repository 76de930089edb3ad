"""`train segmentation`: the U-Net that draws white cells.

One picture in five of each set, by the hash of its name, is never looked at here.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

from inference.engine.package import SEGMENTATION, Part
from inference.lab.data.truth import listed_sha256
from inference.lab.management.commands._packages import Options, Training
from inference.lab.management.commands._study import DATA, progress_bar

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")


def _train(options: Options, edition: Edition, told: Told) -> Part:
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


TRAINING = Training(
    kind=SEGMENTATION,
    help="the U-Net that draws white cells, on wbc_masks, bccd, pbc_cells and taleqani",
    name="wbc-unet",
    data=DATA,
    judged_by="`evaluate --segmentation`",
    told=("steps", "full_precision"),
    add_arguments=_add_arguments,
    pictures=listed_sha256,
    train=_train,
)
