"""The PDF of a report: made from the signed document alone, kept beside it."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from cases.models import ReportVersion, SmearImage
from telepath.core.errors import RetryLater
from telepath.core.storage import put, read_bytes

logger = logging.getLogger(__name__)

_UNPRINTED_AFTER = timedelta(seconds=30)


def report_pdf(report: ReportVersion) -> str:
    """The storage key of the PDF of `report`, which is made now if it was not yet.

    The same report gives the same bytes, so two who make it at once do no harm. Raises `RetryLater`
    while the store takes nothing; the sweep comes back to it.
    """
    if not report.pdf_key:
        _keep(report, _rendered(report))
    return report.pdf_key


def pdf_of(report: ReportVersion) -> bytes:
    """The PDF for somebody who asks for it now.

    A signed report can be read whatever the store is doing: where it is full or has lost the file,
    the PDF is made anew and handed out all the same.
    """
    try:
        if report.pdf_key:
            return read_bytes(report.pdf_key)
    except (FileNotFoundError, RetryLater):
        logger.error("the PDF %r cannot be read: made anew", report.pdf_key)
        return _rendered(report)
    content = _rendered(report)
    try:
        _keep(report, content)
    except RetryLater:
        logger.error("the PDF of report %s cannot be kept: the sweep will try again", report.pk)
    return content


def unprinted() -> list[UUID]:
    """Reports whose PDF should be there by now."""
    late = timezone.now() - _UNPRINTED_AFTER
    return list(
        ReportVersion.objects.filter(pdf_key="", signed_at__lt=late).values_list("pk", flat=True)
    )


def images_by_position(case_id: UUID) -> dict[int, SmearImage]:
    """The pictures of a case, as the paper asks for them."""
    return {image.position: image for image in SmearImage.objects.filter(case=case_id)}


def _rendered(report: ReportVersion) -> bytes:
    from cases.services.pdf.report import render  # fonts and shaping: not at each process's start

    images = images_by_position(report.case_id)
    return render(json.loads(report.document), sha256=report.sha256, images=images)


def _keep(report: ReportVersion, content: bytes) -> None:
    key = f"reports/{report.case_id}/{report.number}-{report.sha256[:16]}.pdf"
    put(key, io.BytesIO(content))
    ReportVersion.objects.filter(pk=report.pk, pdf_key="").update(pdf_key=key)
    report.pdf_key = key
