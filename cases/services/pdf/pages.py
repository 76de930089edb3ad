"""What stands on every page: who the patient is, which report it is, and which page of how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame

from cases.services.pdf.style import MARGIN, RULE, SMALL, TEXT, style, text
from cases.typeset import draw_words

HEADER = 28 * mm
FOOTER = 12 * mm
_WIDTH, _HEIGHT = A4


class NumberedCanvas(Canvas):
    """Writes "page x of y", which is known only when all pages are there."""

    def __init__(self, *args: Any, footer: str, **options: Any) -> None:
        super().__init__(*args, **options)
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
    """Clinic and report on the left, patient and accession on the right, a rule below."""
    width = (_WIDTH - 2 * MARGIN) / 2 - 4 * mm
    top = _HEIGHT - 10 * mm
    _column(canvas, _report_lines(document), MARGIN, top, width)
    _column(canvas, _patient_lines(document), _WIDTH / 2 + 4 * mm, top, width)
    canvas.setStrokeColor(RULE)
    canvas.line(MARGIN, _HEIGHT - HEADER, _WIDTH - MARGIN, _HEIGHT - HEADER)


def _report_lines(document: Mapping[str, Any]) -> list[tuple[str, bool]]:
    report, case = document["report"], document["case"]
    return [
        (document["clinic"]["name"], True),
        (f"Report on a {case['specimen'].lower()}", False),
        (f"Version {report['number']}, {report['status']}", False),
        *([("SYNTHETIC PICTURES, NOT A PATIENT", True)] if case["is_synthetic"] else []),
    ]


def _patient_lines(document: Mapping[str, Any]) -> list[tuple[str, bool]]:
    patient = document["patient"]
    return [
        (patient["name"], True),
        (f"MRN {patient['mrn']} · born {patient['birth_date']} · {patient['sex'].lower()}", False),
        (f"Accession {document['case']['accession']}", False),
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
