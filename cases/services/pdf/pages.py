"""What stands on every page: who the patient is, which report it is, and which page of how many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import TimeStamp
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame

from cases.services.pdf import words
from cases.services.pdf.style import MARGIN, PALE, RULE, SMALL, TEXT, style, text
from cases.typeset.paragraph import Style, draw_words

HEADER = 25 * mm
FOOTER = 12 * mm
_WIDTH, _HEIGHT = A4
_WATERMARK = 64


class _Moment(TimeStamp):  # type: ignore[misc]  # ReportLab has no types
    """ReportLab's clock stopped at the signature: the same report has the same bytes for ever."""

    def __init__(self, at: datetime) -> None:
        there = at.astimezone(UTC)
        self.t = there.timestamp()
        self.lt = tuple(there.timetuple())
        self.YMDhms = self.lt[:6]
        self.dhh = self.dmm = 0
        self.tzname = "UTC"


class NumberedCanvas(Canvas):  # type: ignore[misc]  # ReportLab has no types
    """Writes "page x of y", which is known only when all pages are there."""

    def __init__(self, *args: Any, footer: str, made_at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self._doc._timeStamp = _Moment(made_at)
        self._footer = footer
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._draw_footer(number)
            super().showPage()
        super().save()

    def _draw_footer(self, number: int) -> None:
        baseline = FOOTER - 2 * mm
        page = f"Page {number} of {len(self._pages)}"
        draw_words(self, self._footer, style(SMALL, faint=True), MARGIN, baseline)
        right = style(SMALL, faint=True, align="right")
        draw_words(self, page, right, _WIDTH - MARGIN, baseline)


def draw_header(canvas: Canvas, document: Mapping[str, Any]) -> None:
    """Report and clinic on the left, who the patient is on the right, a rule below."""
    width = (_WIDTH - 2 * MARGIN) / 2 - 4 * mm
    top = _HEIGHT - 8 * mm
    _column(canvas, _report_lines(document), MARGIN, top, width)
    _column(canvas, _patient_lines(document), _WIDTH / 2 + 4 * mm, top, width)
    canvas.setStrokeColor(RULE)
    canvas.line(MARGIN, _HEIGHT - HEADER, _WIDTH - MARGIN, _HEIGHT - HEADER)


def draw_watermark(canvas: Canvas, words_: str) -> None:
    """Large and pale across the whole page, over everything."""
    canvas.saveState()
    canvas.translate(_WIDTH / 2, _HEIGHT / 2)
    canvas.rotate(52)
    large = Style(_WATERMARK, PALE, bold=True)
    draw_words(canvas, words_, large, -_WATERMARK * 0.26 * len(words_), -_WATERMARK / 3)
    canvas.restoreState()


def _report_lines(document: Mapping[str, Any]) -> list[tuple[str, bool]]:
    case = document["case"]
    return [
        (words.status(document), True),
        (f"Accession {case['accession']}", False),
        (f"For {document['clinic']['name']}", False),
        *([("SYNTHETIC PICTURES, NOT A PATIENT", True)] if case["is_synthetic"] else []),
    ]


def _patient_lines(document: Mapping[str, Any]) -> list[tuple[str, bool]]:
    patient = document["patient"]
    return [
        (patient["name"], True),
        *((line, False) for line in words.patient(document)),
    ]


def _column(
    canvas: Canvas, lines: list[tuple[str, bool]], left: float, top: float, width: float
) -> None:
    """The lines below `top`; a long name makes them smaller, it is never cut."""
    room = HEADER - (_HEIGHT - top) - 2 * mm
    paragraphs = [text(content, TEXT, bold=bold) for content, bold in lines]
    column = KeepInFrame(width, room, paragraphs, mode="shrink", vAlign="TOP")
    _, height = column.wrapOn(canvas, width, room)
    column.drawOn(canvas, left, top - height)
