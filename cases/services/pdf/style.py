"""Sizes, greys and paragraphs of the printed report: one family, three sizes, no colour."""

from __future__ import annotations

from functools import cache

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm

from cases.typeset.paragraph import ShapedText, Style

MARGIN = 18 * mm
INK: Color = HexColor("#1a1a1a")
FAINT: Color = HexColor("#5a5a5a")
RULE: Color = HexColor("#b5b5b5")
SHADE: Color = HexColor("#f1f1f1")
PALE: Color = Color(0.63, 0.09, 0.09, alpha=0.14)

SMALL, TEXT, LARGE = 7.5, 9.0, 12.5


@cache
def style(size: float, *, bold: bool = False, faint: bool = False, align: str = "left") -> Style:
    """How words of `size` points look."""
    return Style(size, FAINT if faint else INK, bold=bold, align=align)


def text(
    content: object,
    size: float = TEXT,
    *,
    bold: bool = False,
    faint: bool = False,
    align: str = "left",
) -> ShapedText:
    """`content`, which may come from people, as a paragraph. align: see `Style`."""
    return ShapedText(str(content), style(size, bold=bold, faint=faint, align=align))
