"""What the commands that train a model package share: where it goes, its figures, the last line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, OutputWrapper

from inference.engine.package import PACKAGES, Part

if TYPE_CHECKING:
    from inference.engine.training.publish import Edition


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


def edition_of(options: dict[str, Any]) -> Edition:
    """The package that the arguments name."""
    # Loads Keras, which `--help` should not wait for.
    from inference.engine.training.publish import Edition

    return Edition(options["name"], options["edition"], options["output"])


def figures_of(options: dict[str, Any]) -> list[dict[str, Any]]:
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
