"""`manage.py evaluate_types`: how well are white cells named, here and on other stains."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.engine.package import PACKAGES, TYPES, PackageInvalid, find_part
from inference.engine.types import Progress
from inference.lab.management.commands._study import DATA, SCRATCH, progress_bar
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.engine.cell_types import CellTypes

SETS = ("held_out", "other_laboratory", "fields")


class Command(ExampleCommand):
    """Parse, evaluate, print."""

    help = (
        "Judge a package that names cell types.\n\n"
        "held_out: the fifth of pbc_cells that training never saw. other_laboratory: wbc_masks,\n"
        "another stain, with labels that its authors call unreliable. fields: what the cells of\n"
        "the labelled leukaemia fields are called, where no label of a single cell exists."
    )
    examples = """
    python manage.py evaluate_types
    python manage.py evaluate_types --on held_out --output var/types.json
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", help="name or name/version of the package")
        parser.add_argument("--packages", type=Path, default=PACKAGES, help="folder for packages")
        parser.add_argument("--on", nargs="+", choices=SETS, default=list(SETS))
        parser.add_argument(
            "--data", type=Path, default=DATA, help="folder with pbc_cells, wbc_masks, taleqani"
        )
        parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
        parser.add_argument("--limit", type=int, help="about this many pictures: a trial run")
        parser.add_argument("--output", type=Path, help="also write the figures here, as JSON")
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.cell_types import load_cell_types
        from inference.lab.data.manifest import ManifestInvalid

        try:
            types = load_cell_types(find_part(TYPES, options["model"], options["packages"]))
            reports = list(self._reports(types, options))
        except (PackageInvalid, ManifestInvalid) as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps(reports))
        if options["output"]:
            options["output"].write_text(json.dumps(reports, indent=2) + "\n", "utf-8")

    def _reports(self, types: CellTypes, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        from inference.lab.report.types import as_lines

        for name in options["on"]:
            with progress_bar(options, name) as tell:
                found = _figures(name, types, options, tell)
            for report in found:
                if not options["json"]:
                    self.stdout.write(as_lines(report) + "\n")
                yield {**report, "command": _command(name, types, options)}


def _figures(
    name: str, types: CellTypes, options: dict[str, Any], tell: Progress
) -> list[dict[str, Any]]:
    from inference.lab.evaluate import types as evaluate

    data, cache, limit = options["data"], options["cache"], options["limit"]
    if name == "held_out":
        pictures = data / "pbc_cells"
        return evaluate.held_out_figures(types, pictures, cache, limit=limit, progress=tell)
    if name == "other_laboratory":
        return [evaluate.other_laboratory_figures(types, data, tell)]
    return [evaluate.field_shares(types, data, cache, limit)]


def _command(name: str, types: CellTypes, options: dict[str, Any]) -> str:
    """The command that gives these figures again, without paths of this machine."""
    limit = f" --limit {options['limit']}" if options["limit"] else ""
    return f"python manage.py evaluate_types --model {types.part.edition} --on {name}{limit}"
