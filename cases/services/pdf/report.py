"""From the signed document to a PDF."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from cases.models import SmearImage
from cases.services.pdf import closing, sections, versions
from cases.services.pdf.crops import crops_of, field_of
from cases.services.pdf.letterhead import letterhead
from cases.services.pdf.pages import FOOTER, HEADER, NumberedCanvas, draw_header, draw_watermark
from cases.services.pdf.style import MARGIN

PREVIEW = "Preview, not signed"


def render(
    document: Mapping[str, Any], *, sha256: str = "", images: Mapping[int, SmearImage]
) -> bytes:
    """The report as PDF, A4. The same document and the same images give the same bytes.

    sha256: of the signed text, printed on it; without one the document is a preview, which says so
    on every page. images: of the case, by position.
    """
    target = io.BytesIO()
    footer = f"Report {sha256[:16]}" if sha256 else PREVIEW
    at = datetime.fromisoformat(document["signature"]["signed_at"])
    _template(target, document, is_preview=not sha256).build(
        _parts(document, sha256, images),
        canvasmaker=partial(NumberedCanvas, footer=footer, made_at=at),
    )
    return target.getvalue()


def _parts(
    document: Mapping[str, Any], sha256: str, images: Mapping[int, SmearImage]
) -> list[Flowable]:
    crops = crops_of(document["illustrations"], images)
    chosen = document.get("field_picture")
    signed = closing.signature(document) if sha256 else closing.unsigned(document)
    return [
        *letterhead(document),
        *versions.amendment(document),
        *sections.conclusion(document),
        *versions.addenda(document),
        *sections.differential(document),
        *versions.changes(document),
        *sections.pictures(document, crops, field_of(chosen, images) if chosen else None),
        *sections.particulars(document),
        *signed,
        *closing.technical(document, sha256=sha256),
    ]


def _template(
    target: io.BytesIO, document: Mapping[str, Any], *, is_preview: bool
) -> BaseDocTemplate:
    case, report = document["case"], document["report"]
    words = f"Report {case['accession']}, version {report['number']}"
    template = BaseDocTemplate(
        target,
        pagesize=A4,
        invariant=1,
        title=f"{PREVIEW}: {words}" if is_preview else words,
        author=document["signature"]["name"],
        subject=document["conclusion"]["text"],
        lang="en",
    )
    frame = Frame(
        MARGIN,
        FOOTER + 2 * mm,
        A4[0] - 2 * MARGIN,
        A4[1] - HEADER - FOOTER - 4 * mm,
        leftPadding=0,
        rightPadding=0,
        topPadding=4,
        bottomPadding=0,
    )

    def on_page(canvas: Any, _: BaseDocTemplate) -> None:
        draw_header(canvas, document)

    def on_page_end(canvas: Any, _: BaseDocTemplate) -> None:
        if is_preview:
            draw_watermark(canvas, PREVIEW)

    template.addPageTemplates(PageTemplate(frames=[frame], onPage=on_page, onPageEnd=on_page_end))
    return template
