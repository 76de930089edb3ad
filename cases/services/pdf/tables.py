"""Tables of labels and values, and titles: what all parts of the paper share."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Table

from cases.services.pdf.style import MARGIN, RULE, SMALL, TEXT, text

WIDTH = A4[0] - 2 * MARGIN
TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]
RULED = [
    *TIGHT,
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, RULE),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
]


def labelled(rows: Sequence[tuple[str, str]], *, width: float = WIDTH, size: float = TEXT) -> Table:
    """Labels in grey on the left, values beside them."""
    label = 36 * mm
    cells = [[text(name, SMALL, faint=True), text(value, size)] for name, value in rows]
    return Table(cells, colWidths=[label, width - label], style=TIGHT, hAlign="LEFT")


def title(words: str) -> Flowable:
    """What a part is about."""
    return text(words, TEXT, bold=True)


def head(words: str) -> Flowable:
    """Of a column."""
    return text(words, SMALL, faint=True)
