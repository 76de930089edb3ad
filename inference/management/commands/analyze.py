"""`manage.py analyze`: the engine on picture files, without server or database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from inference.engine.files import MaskNotWritten, analyse_files
from inference.engine.package import PackageInvalid, find_package
from telepath.core.commands import ExampleCommand


class Command(ExampleCommand):
    """Parse, analyse, print."""

    help = (
        "Find and classify the white cells of smear fields.\n\n"
        "Exit status 1 when a file could not be read. The result is a morphological suggestion;\n"
        "a pathologist decides."
    )
    examples = "python manage.py analyze fields/*.jpg --json --masks masks/"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="picture files")
        parser.add_argument("--model", metavar="NAME", help="name or name/version of a model")
        parser.add_argument("--json", action="store_true", help="one JSON object per line")
        parser.add_argument("--masks", type=Path, metavar="DIR", help="write cell masks here")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.analyser import load_analyser

        try:
            analyser = load_analyser(find_package(options["model"]))
        except PackageInvalid as problem:
            raise CommandError(str(problem)) from None
        quiet = options["json"] or not sys.stderr.isatty()
        paths = tqdm(options["images"], unit="picture", disable=quiet)
        show = _as_json if options["json"] else _as_text
        rejected = 0
        try:
            for line in analyse_files(paths, analyser, options["masks"]):
                rejected += line["status"] == "rejected"
                self.stdout.write(show(line))
        except MaskNotWritten as problem:
            raise CommandError(str(problem)) from None
        if rejected:
            sys.exit(1)


def _as_json(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, allow_nan=False)


def _as_text(line: dict[str, Any]) -> str:
    if line["status"] != "ok":
        return f"{line['path']}: {line['status']}. {line['reason']}"
    field, count = line["field"], line["count"]
    likely = f"{field['label']} {100 * field['probabilities'][field['label']]:.0f} %"
    warnings = " ".join(warning["message"] for warning in line["quality"]["warnings"])
    return (
        f"{line['path']}: suggested {field['decision']} (most probable {likely}); "
        f"{count['white_cells']} white cells, {count['blasts']} blasts. {warnings}".rstrip()
    )
