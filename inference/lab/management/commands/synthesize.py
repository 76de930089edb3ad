"""Write synthetic fields, or one synthetic slide, with their truth."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from inference.engine.synthetic.spec import FieldLabel, FieldSpec, SlideSpec
from inference.lab.data.rendered import write_field, write_slide
from telepath.core.commands import ExampleCommand

_LABELS = get_args(FieldLabel)


class Command(ExampleCommand):
    help = "Draw synthetic smears with exact masks and counts. The same seed gives the same bytes."
    examples = """
    python manage.py synthesize var/synthetic --fields 20 --seed 1
    python manage.py synthesize var/synthetic --slide 40000x30000 --seed 7 --label Pro
    """
    requires_system_checks: list[str] = []  # draws pictures: needs no pages and no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where to write; made if absent")
        parser.add_argument("--fields", type=int, default=0, help="how many fields")
        parser.add_argument("--slide", type=_extent, metavar="WxH", help="a slide of this size")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--size", type=_extent, default=(640, 480), help="of a field")
        parser.add_argument("--label", choices=_LABELS, help="default: all in turn; slide: Pre")
        parser.add_argument("--cell-diameter", type=float, help="of a 12 um cell, px (25 to 250)")
        parser.add_argument("--json", action="store_true", help="one line each, no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["fields"] and not options["slide"]:
            raise CommandError("Nothing to draw: give --fields N, --slide WxH, or both.")
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._fields(folder, options)
            if options["slide"]:
                self._slide(folder, options)
        except ValueError as fault:
            raise CommandError(str(fault)) from fault

    def _fields(self, folder: Path, options: dict[str, Any]) -> None:
        width, height = options["size"]
        for number in tqdm(range(options["fields"]), unit="field", disable=options["json"]):
            label = options["label"] or _LABELS[number % len(_LABELS)]
            spec = FieldSpec(width, height, options["cell_diameter"] or 56.0, label)
            stem = f"synthetic-{label.lower()}-{options['seed']}-{number:04d}"
            self._say(write_field(spec, options["seed"] + number, folder, stem), options)

    def _slide(self, folder: Path, options: dict[str, Any]) -> None:
        width, height = options["slide"]
        diameter = options["cell_diameter"] or 48.0
        label: FieldLabel = options["label"] or "Pre"
        slide = SlideSpec(width, height, options["seed"], diameter, label)
        path = folder / f"synthetic-slide-{options['seed']}.tif"
        with tqdm(total=100, unit="%", disable=options["json"]) as bar:
            record = write_slide(slide, path, progress=lambda share: bar.update(100 * share))
        self._say(record, options)

    def _say(self, record: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(record))


def _extent(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 640x480") from fault
    return width, height
