"""The PDF of a report: made from the signed document alone, kept beside it."""

from __future__ import annotations

import io
import json
import logging
from uuid import UUID

from django.db.models import QuerySet

from cases.models import ReportVersion, SmearImage
from telepath.core import leases
from telepath.core.errors import RetryLater
from telepath.core.storage import put, read_bytes

logger = logging.getLogger(__name__)


def report_print(*, report_id: UUID) -> None:
    """Make the PDF of one signed report, unless it is there or somebody is at it."""
    for report in leases.claim(_unprinted().filter(pk=report_id)):
        with leases.at_work(report, rest=leases.LONG_REST_SECONDS):
            report_pdf(report)


def report_pdf(report: ReportVersion) -> str:
    """The storage key of the PDF of `report`, which is made now if it was not yet.

    The same report gives the same bytes, so two who make it at once do no harm. Raises `RetryLater`
    while the store takes nothing.
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


def sweep() -> int:
    """Send again for reports whose PDF should be there by now. Returns how many."""
    return leases.wake(_unprinted(), "cases.tasks.render_report")


def _unprinted() -> QuerySet[ReportVersion]:
    return ReportVersion.objects.filter(pdf_key="")


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
    ReportVersion.objects.filter(pk=report.pk, pdf_key="").update(pdf_key=key, taken_by="")
    report.pdf_key = key
