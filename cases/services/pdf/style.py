"""Sizes, greys and paragraphs of the printed report: one family, three sizes, no colour."""

from __future__ import annotations

from functools import cache

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from cases.services.pdf.fonts import BOLD, REGULAR, register
from cases.services.pdf.scripts import markup

MARGIN = 18 * mm
INK: Color = HexColor("#1a1a1a")
FAINT: Color = HexColor("#5a5a5a")
RULE: Color = HexColor("#b5b5b5")
SHADE: Color = HexColor("#f1f1f1")

SMALL, TEXT, LARGE = 7.5, 9.0, 12.5


@cache
def style(
    size: float, *, bold: bool = False, faint: bool = False, right: bool = False
) -> ParagraphStyle:
    """The paragraph style of `size` points."""
    register()
    return ParagraphStyle(
        f"{size}-{bold}-{faint}-{right}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.36,
        textColor=FAINT if faint else INK,
        alignment=2 if right else 0,
    )


def text(
    content: object,
    size: float = TEXT,
    *,
    bold: bool = False,
    faint: bool = False,
    right: bool = False,
) -> Paragraph:
    """`content`, which may come from people, as a paragraph."""
    return Paragraph(
        markup(str(content), size=size), style(size, bold=bold, faint=faint, right=right)
    )
