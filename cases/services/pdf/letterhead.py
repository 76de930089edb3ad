"""The head of the first page: whose report it is, and what kind of report."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Spacer, Table

from cases.services.pdf import words
from cases.services.pdf.style import LARGE, MARGIN, RULE, SMALL, TEXT, text
from telepath.core.storage import read_bytes

logger = logging.getLogger(__name__)

_WIDTH = A4[0] - 2 * MARGIN
_LOGO_HEIGHT, _LOGO_WIDTH = 16 * mm, 48 * mm
_TITLE = 52 * mm


def letterhead(document: Mapping[str, Any]) -> list[Flowable]:
    """Logo, name, address, telephone, e-mail. Reports before 0.2.0 and a reader without a
    laboratory have none: then the clinic's name stands there."""
    laboratory = document.get("laboratory") or {"name": document["clinic"]["name"]}
    logo = _logo(laboratory.get("logo"))
    picture = logo.drawWidth + 5 * mm if logo else 0
    columns = [*([logo] if logo else []), _lines(laboratory), _title(document)]
    widths = [*([picture] if logo else []), _WIDTH - picture - _TITLE, _TITLE]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, RULE),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
    ]
    return [Table([columns], colWidths=widths, style=style, hAlign="LEFT"), Spacer(0, 3 * mm)]


def _title(document: Mapping[str, Any]) -> list[Flowable]:
    """What kind of report this is, and on what."""
    return [
        text(words.kind(document), LARGE, bold=True, align="right"),
        text(document["case"]["specimen"], TEXT, faint=True, align="right"),
    ]


def _lines(laboratory: Mapping[str, Any]) -> list[Flowable]:
    reach = " · ".join(filter(None, (laboratory.get("telephone"), laboratory.get("email"))))
    address = [text(laboratory["address"], SMALL)] if laboratory.get("address") else []
    return [
        text(laboratory["name"], LARGE, bold=True),
        *address,
        *([text(reach, SMALL)] if reach else []),
    ]


def _logo(logo: Mapping[str, Any] | None) -> Image | None:
    """The logo that was frozen at the signature, within 48 x 16 mm; None where it is lost."""
    if not logo:
        return None
    try:
        content = read_bytes(logo["key"])
    except FileNotFoundError:
        logger.error("logo %r is missing: the report is printed without it", logo["key"])
        return None
    scale = min(_LOGO_WIDTH / logo["width"], _LOGO_HEIGHT / logo["height"])
    return Image(io.BytesIO(content), logo["width"] * scale, logo["height"] * scale)
