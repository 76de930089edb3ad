"""Figures of an evaluation in, a folder with one page and its pictures out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.lab.report import content, drawings
from inference.lab.report.html import Picture, Section, page, picture
from inference.lab.report.palette import DARK, LIGHT, Palette
from inference.lab.report.words import SPLITS

PAGE = "index.html"
TITLE = "Evaluation"
Draw = Callable[[Palette], bytes]


class ReportInvalid(ValueError):
    """Figures of which no report can be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of one report. name: of its file, without the ending."""

    name: str
    caption: str
    draw: Draw


def write_report(reports: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """Write `index.html`, which fetches nothing, and its pictures as PNG into `folder`.

    reports: what `evaluate` and `audit_model` write, in the order of the page. Returns the page.
    Raises `ReportInvalid` with a sentence before anything is written.
    """
    if not reports:
        raise ReportInvalid("There are no figures to report on.")
    try:
        drawn = [_drawn(report) for report in reports]
        sections = content.overview(reports) + [
            _section(report, pictures) for report, pictures in zip(reports, drawn, strict=True)
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ReportInvalid(
            f"These figures lack something that a report needs: {problem}."
        ) from problem
    folder.mkdir(parents=True, exist_ok=True)
    for name, light, _ in (one for pictures in drawn for one in pictures):
        _write(folder / f"{name}.png", light)
    _write(folder / PAGE, page(TITLE, sections).encode())
    return folder / PAGE


Drawn = list[tuple[str, bytes, Picture]]
"""Name, PNG in light colours, and the element that shows it in both."""


def _drawn(report: Mapping[str, Any]) -> Drawn:
    made = []
    for one in _drawings(report):
        light = one.draw(LIGHT)
        made.append((one.name, light, picture(one.caption, light, one.draw(DARK))))
    return made


def _section(report: Mapping[str, Any], drawn: Drawn) -> Section:
    if report["split"] in SPLITS:
        return content.split_section(report, [element for _, _, element in drawn])
    if report["split"] == "audit":
        return content.audit_section(report)
    return content.plain_section(report)


def _drawings(report: Mapping[str, Any]) -> Iterator[Drawing]:
    """The pictures for which `report` holds the figures."""
    split = str(report["split"])
    if split not in SPLITS:
        return
    groups, curves = report["groups"], report.get("curves", {})
    offers: Sequence[tuple[str, str, Any, Callable[[Any, Palette], bytes]]] = (
        (
            "accuracy",
            "Accuracy by appearance group, with the number of fields, beside models that need "
            "not look at a cell",
            groups,
            drawings.group_accuracy,
        ),
        (
            "decisions",
            "Decided, and decided and wrong, by appearance group with the number of fields",
            groups,
            drawings.group_decisions,
        ),
        (
            "confusion",
            "Truth and most probable class: fields, and their share of the row",
            report.get("confusion"),
            drawings.confusion,
        ),
        ("roc", "ROC curve of each class against the rest", curves.get("roc"), drawings.roc),
        (
            "reliability",
            "Confidence and accuracy; on the line, 90 % sure is right in nine of ten",
            curves.get("reliability"),
            drawings.reliability,
        ),
        ("learning", "Learning, epoch by epoch", curves.get("learning"), drawings.learning),
    )
    for name, caption, figures, draw in offers:
        if figures:
            yield Drawing(f"{split}-{name}", caption, _with_figures(draw, figures))


def _with_figures(draw: Callable[[Any, Palette], bytes], figures: Any) -> Draw:
    return lambda colours: draw(figures, colours)


def _write(path: Path, content: bytes) -> None:
    # Written aside and renamed, so that a killed run leaves no half picture behind.
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)
