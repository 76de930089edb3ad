"""`manage.py audit_model`: does a finished model keep its word when all but the cells changes?"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import PackageInvalid, find_package
from inference.lab.management.commands._study import progress_bar
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.lab.data.manifest import Manifest


class Command(ExampleCommand):
    """Parse, audit, print."""

    help = (
        "Paint the cells out, lay them on other backgrounds, change lamp, stain, focus and scale\n"
        "bar, and see whether the model says what an honest one would.\n\n"
        "The accuracy of the background's colour alone stands beside it. Exit status 1 when the\n"
        "model fails: it can then be made active only with a reason."
    )
    examples = "python manage.py audit_model cells --limit 120 --output audit.json"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        data = Path(os.environ.get("TELEPATH_DATA", "../shared/data")) / "taleqani"
        parser.add_argument("name", nargs="?", metavar="NAME", help="name or name/version")
        parser.add_argument("--data", type=Path, default=data, help="folder with manifest.csv")
        parser.add_argument(
            "--limit", type=int, default=120, help="about this many fields; 0 for all"
        )
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")
        parser.add_argument("--output", type=Path, help="also write the audit here, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.lab.audit.verdict import as_lines

        report = _audit(options)
        if options["output"]:
            _write(options["output"], json.dumps([report], indent=2) + "\n")
        self.stdout.write(json.dumps(report) if options["json"] else as_lines(report))
        if not report["passed"]:
            raise SystemExit(1)


def _audit(options: dict[str, Any]) -> dict[str, Any]:
    from inference.engine.analyser import load_analyser
    from inference.lab.audit.audit import audit

    whole, some = _fields(options)
    try:
        analyser = load_analyser(find_package(options["name"]))
    except PackageInvalid as problem:
        raise CommandError(str(problem)) from None
    with progress_bar(options, "audit") as tell:
        return audit(analyser, some, tell, whole=whole)


def _fields(options: dict[str, Any]) -> tuple[Manifest, Manifest]:
    """All labelled fields, and those to audit."""
    from inference.lab.data.manifest import ManifestInvalid, read_manifest

    if options["limit"] < 0:
        raise CommandError("--limit must be 0 (all fields) or more.")
    try:
        whole = read_manifest(options["data"])
        return whole, read_manifest(options["data"], limit=options["limit"] or None)
    except ManifestInvalid as problem:
        raise CommandError(str(problem)) from None


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(path)
    except OSError as problem:
        raise CommandError(f"{path} cannot be written: {problem.strerror}.") from None
