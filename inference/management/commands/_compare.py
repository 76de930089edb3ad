"""`manage.py models compare`: its arguments, its words."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from inference.models import ModelVersion
from inference.selectors.comparison import (
    Agreement,
    FigureRow,
    agreement_of,
    figure_rows,
    shadow_agreement,
)
from inference.services.comparison import (
    Compared,
    Picture,
    compare_on,
    pictures_in,
    recent_pictures,
)


class Report(NamedTuple):
    """Two models beside each other. `on`: which images the agreement is about."""

    first: ModelVersion
    second: ModelVersion
    figures: list[FigureRow]
    on: str
    agreement: Agreement
    pictures: list[Compared]


def add_compare_arguments(parser: ArgumentParser) -> None:
    """Two models, and the images that both judge."""
    words = ("NAME", "VERSION", "NAME", "VERSION")
    parser.add_argument("models", nargs=4, metavar=words, help="the two models")
    images = parser.add_mutually_exclusive_group()
    images.add_argument("--runs", type=int, metavar="N", help="the N newest images of this site")
    images.add_argument("--pictures", type=Path, metavar="DIR", help="the pictures in a folder")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def compared(
    first: ModelVersion,
    second: ModelVersion,
    *,
    runs: int | None,
    pictures: Path | None,
    quiet: bool,
    **_: Any,
) -> Report:
    """Ask both models; without images, what one said in the shadow of the other."""
    figures = figure_rows(first, second)
    if runs is None and pictures is None:
        on = "images that one judged in the shadow of the other"
        return Report(first, second, figures, on, shadow_agreement(first, second), [])
    source: Iterable[Picture] = recent_pictures(runs or 0)
    on = "of this site's newest images"
    if pictures is not None:
        source, on = pictures_in(pictures), f"pictures in {pictures}"
    asked = list(compare_on(first, second, tqdm(source, unit="picture", disable=quiet or None)))
    said = Counter((one.first, one.second) for one in asked if not one.problem)
    return Report(first, second, figures, on, agreement_of(said), asked)


def as_json(report: Report) -> str:
    """The same for programs."""
    rows = [
        {**asdict(row), "difference": row.difference, "verdict": row.verdict}
        for row in report.figures
    ]
    body = {
        "first": str(report.first),
        "second": str(report.second),
        "figures": rows,
        "agreement": {**asdict(report.agreement), "share": report.agreement.share},
        "pictures": [asdict(one) for one in report.pictures],
    }
    return json.dumps(body, default=str)


def as_text(report: Report) -> str:
    """For people."""
    head = f"{'':<52}{report.first!s:>16}{report.second!s:>16}  difference"
    return "\n".join([head, *map(_figure, report.figures), "", *_agreement(report)])


def _figure(row: FigureRow) -> str:
    change = "" if row.difference is None else f"{row.difference:+.4g} "
    name = f"{row.split}: {row.name}"
    return f"{name:<52}{_number(row.first):>16}{_number(row.second):>16}  {change}{row.verdict}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _agreement(report: Report) -> list[str]:
    agreement = report.agreement
    if agreement.share is None:
        counted = f"0 {report.on}: nothing to compare yet."
    else:
        counted = (
            f"{agreement.images} {report.on}: the same decision on {agreement.same} "
            f"({100 * agreement.share:.1f} %), another on {agreement.differ}."
        )
    changes = [f"  {one} -> {other}: {images}" for one, other, images in agreement.changes]
    return [counted, *changes, *map(_picture, filter(_is_worth_a_line, report.pictures))]


def _is_worth_a_line(one: Compared) -> bool:
    return bool(one.problem) or one.first != one.second


def _picture(one: Compared) -> str:
    return f"  {one.name}: {one.problem or f'{one.first} -> {one.second}'}"
