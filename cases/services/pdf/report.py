"""From the signed document to a PDF."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from cases.models import SmearImage
from cases.services.pdf import sections
from cases.services.pdf.crops import crops_of
from cases.services.pdf.pages import FOOTER, HEADER, NumberedCanvas, draw_header
from cases.services.pdf.style import MARGIN


def render(document: Mapping[str, Any], *, sha256: str, images: Mapping[int, SmearImage]) -> bytes:
    """The report as PDF, A4. The same document and the same images give the same bytes.

    sha256: of the document's text, printed on it. images: of the case, by position.
    """
    crops = crops_of(document["illustrations"], images)
    target = io.BytesIO()
    template = _template(target, document)
    template.build(
        [
            *sections.amendment(document),
            *sections.conclusion(document),
            *sections.differential(document),
            *sections.cells(document, crops),
            *sections.particulars(document),
            *sections.signature(document, sha256=sha256),
        ],
        canvasmaker=partial(NumberedCanvas, footer=f"Report {sha256[:16]}"),
    )
    return target.getvalue()


def _template(target: io.BytesIO, document: Mapping[str, Any]) -> BaseDocTemplate:
    case, report = document["case"], document["report"]
    template = BaseDocTemplate(
        target,
        pagesize=A4,
        invariant=1,
        title=f"Report {case['accession']}, version {report['number']}",
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

    template.addPageTemplates(PageTemplate(frames=[frame], onPage=on_page))
    return template
