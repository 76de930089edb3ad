"""What the commands that train a model package share: where it goes, what it says of itself."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, OutputWrapper

from inference.engine.package import PACKAGES, PackageInvalid, Part
from inference.lab.data.manifest import ManifestInvalid
from inference.lab.publish.notes import NOTES, NotesInvalid, read_notes

if TYPE_CHECKING:
    from inference.lab.publish.packages import Edition, Told


def add_package_arguments(
    parser: ArgumentParser, *, name: str, edition: str, judged_by: str
) -> None:
    """name, edition: of the package unless told. judged_by: the command that writes figures."""
    parser.add_argument("--name", default=name, help="name of the package")
    parser.add_argument("--edition", default=edition, help="version of the package")
    parser.add_argument("--output", type=Path, default=PACKAGES, help="folder for packages")
    parser.add_argument(
        "--figures",
        type=Path,
        nargs="+",
        default=[],
        help=f"JSON written by {judged_by} with --output, put into the card",
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


def make_package(
    options: dict[str, Any],
    kind: str,
    *,
    pictures: Callable[[], str],
    command: str,
    train: Callable[[Edition, Told], Part],
) -> Part:
    """Train, or describe again, the package that the arguments name. Raises `CommandError`.

    pictures: gives the hash of the list of pictures, which the notes must speak of.
    """
    # Loads Keras, which `--help` should not wait for.
    from inference.lab.publish.packages import Edition, Told, describe_again

    figures = _figures_of(options)
    edition = Edition(options["name"], options["edition"], options["output"])
    try:
        if options["only_figures"]:
            return describe_again(kind, edition, figures)
        notes = read_notes(options["notes"] or options["data"] / NOTES, pictures())
        return train(edition, Told(figures, command, notes))
    except (PackageInvalid, NotesInvalid, ManifestInvalid, FileNotFoundError) as problem:
        raise CommandError(str(problem)) from None


def _figures_of(options: dict[str, Any]) -> list[dict[str, Any]]:
    """What lies in the files of --figures. Raises `CommandError`."""
    return [report for path in options["figures"] for report in _reports_in(path)]


def _reports_in(path: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as problem:
        raise CommandError(f"The figures in {path} cannot be read: {problem}.") from None


def say_written(stdout: OutputWrapper, part: Part, options: dict[str, Any]) -> None:
    """The last line of a training command: a sentence, or JSON under --json."""
    made = {"name": part.name, "version": part.version, "sha256": part.sha256}
    if options["json"]:
        stdout.write(json.dumps({**made, "path": str(part.path)}))
    else:
        stdout.write(f"{part.name} {part.version} lies in {part.path}")
