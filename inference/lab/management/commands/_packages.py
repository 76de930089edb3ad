"""What the training of every kind of package shares: where it goes, what it says of itself."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import PACKAGES, PackageInvalid, Part
from inference.lab.data.manifest import ManifestInvalid
from inference.lab.management.commands._study import SCRATCH
from inference.lab.publish.notes import NOTES, NotesInvalid, read_notes

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Training:
    """How one kind of package is trained.

    kind: in its card. name, data: unless told. judged_by: the command that writes its figures.
    told: options that the card's command repeats, switches among them.
    pictures: hash of the list of pictures below a folder, which the notes must speak of.
    """

    kind: str
    help: str
    name: str
    data: Path
    judged_by: str
    told: tuple[str, ...]
    add_arguments: Callable[[ArgumentParser], None]
    pictures: Callable[[Path], str]
    train: Callable[[Options, Edition, Told], Part]


def add_package_arguments(parser: ArgumentParser, training: Training) -> None:
    """Which package, from which data, with which words and figures."""
    parser.add_argument("--name", default=training.name, help="name of the package")
    parser.add_argument("--edition", required=True, help="version of the package")
    parser.add_argument("--output", type=Path, default=PACKAGES, help="folder for packages")
    parser.add_argument("--data", type=Path, default=training.data, help="folder of the pictures")
    parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=int, help="about this many pictures only: a trial run")
    parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")
    parser.add_argument(
        "--figures",
        type=Path,
        nargs="+",
        default=[],
        help=f"JSON written by {training.judged_by} with --output, put into the card",
    )
    parser.add_argument(
        "--only-figures",
        action="store_true",
        help="train nothing: put the figures into the card of this finished edition",
    )
    parser.add_argument(
        "--notes",
        type=Path,
        metavar="FILE",
        help=f"sources, limits and what was tried, for the card; {NOTES} beside the data unless "
        "told. Those of the shipped models lie in docs/notes",
    )


def make_package(options: Options, training: Training) -> Part:
    """Train, or describe again, the package that the arguments name. Raises `CommandError`."""
    # Loads Keras, which `--help` should not wait for.
    from inference.lab.publish.packages import Edition, Told, describe_again

    figures = [report for path in options["figures"] for report in _reports_in(path)]
    edition = Edition(options["name"], options["edition"], options["output"])
    try:
        if options["only_figures"]:
            return describe_again(training.kind, edition, figures)
        pictures = training.pictures(options["data"])
        notes = read_notes(options["notes"] or options["data"] / NOTES, pictures)
        return training.train(options, edition, Told(figures, _command(options, training), notes))
    except (PackageInvalid, NotesInvalid, ManifestInvalid, FileNotFoundError) as problem:
        raise CommandError(str(problem)) from None


def _command(options: Options, training: Training) -> str:
    """The command that makes this package again, without paths of this machine."""
    words = [f"python manage.py train {options['kind']}"]
    for key in ("name", "edition", *training.told, "seed", "limit"):
        value, flag = options[key], f"--{key.replace('_', '-')}"
        if value is True:
            words.append(flag)
        elif value not in (None, False):
            words.append(f"{flag} {value}")
    return " ".join(words)


def _reports_in(path: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as problem:
        raise CommandError(f"The figures in {path} cannot be read: {problem}.") from None
