"""What `train` and `evaluate` share: their arguments, their progress bar."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from tqdm import tqdm

from inference.engine.types import Progress

if TYPE_CHECKING:
    from inference.lab.train.rounds import Study

ROOT = Path(__file__).resolve().parents[4]
DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))
FIELDS = DATA / "taleqani"
SCRATCH = ROOT / "var" / "training"


def add_study_arguments(parser: ArgumentParser) -> None:
    """Data, cache and the settings of a training run."""
    add_learning_arguments(parser)
    parser.add_argument("--data", type=Path, default=FIELDS, help="folder with manifest.csv")
    parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=int, help="about this many fields only: a trial run")
    parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")


def add_learning_arguments(parser: ArgumentParser) -> None:
    """How a model of bags of cells learns."""
    parser.add_argument("--arch", default="cell_bank", help="architecture")
    parser.add_argument("--epochs", type=int, default=200)


def study_from(options: dict[str, Any]) -> Study:
    """The study that the arguments describe. Raises `CommandError` with a sentence."""
    from inference.engine.zoo.registry import names
    from inference.lab.data.manifest import ManifestInvalid
    from inference.lab.train.settings import TrainingSettings
    from inference.lab.train.study import open_study

    if options["arch"] not in (known := names("bag")):
        raise CommandError(
            f"There is no architecture {options['arch']!r} for bags of cells. Known: "
            f"{', '.join(known)}. Those for whole fields are trained by train_field."
        )
    if options["epochs"] < 1:
        raise CommandError("--epochs must be 1 or more.")
    settings = TrainingSettings(
        arch=options["arch"], epochs=options["epochs"], seed=options["seed"]
    )

    try:
        return open_study(
            options["data"],
            options["cache"],
            settings,
            limit=options["limit"],
            wrap=counted(options, "field", "cutting cells"),
        )
    except ManifestInvalid as problem:
        raise CommandError(str(problem)) from None


@contextmanager
def progress_bar(options: dict[str, Any], title: str) -> Iterator[Progress]:
    """A bar from 0 to 100 % with words beside it; silent under --json."""
    form = "{l_bar}{bar}| {elapsed}<{remaining} {postfix}"
    with tqdm(total=1.0, desc=title, disable=quiet(options), bar_format=form) as bar:

        def tell(share: float, words: str) -> None:
            bar.set_postfix_str(words, refresh=False)
            bar.update(share - bar.n)

        yield tell


def counted(
    options: dict[str, Any], unit: str, title: str
) -> Callable[[Sequence[str]], Sequence[str]]:
    """A bar around a list of pictures; silent under --json."""
    return lambda paths: tqdm(paths, unit=unit, desc=title, disable=quiet(options))


def quiet(options: dict[str, Any]) -> bool:
    """No bar under --json, nor where nobody watches."""
    return bool(options["json"]) or not sys.stderr.isatty()
