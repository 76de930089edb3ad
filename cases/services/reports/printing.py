"""The PDF of a report: made from the signed document alone, kept beside it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from cases.models import ReportVersion, SmearImage
from telepath.core.storage import put

_UNPRINTED_AFTER = timedelta(seconds=30)


def report_pdf(report: ReportVersion) -> str:
    """The storage key of the PDF of `report`, which is made now if it was not yet.

    The same report gives the same bytes, so two who make it at once do no harm.
    """
    if report.pdf_key:
        return report.pdf_key
    from cases.services.pdf.report import render  # fonts and shaping: not at each process's start

    key = f"reports/{report.case_id}/{report.number}-{report.sha256[:16]}.pdf"
    content = render(json.loads(report.document), sha256=report.sha256, images=_images(report))
    put(key, io.BytesIO(content))
    ReportVersion.objects.filter(pk=report.pk, pdf_key="").update(pdf_key=key)
    report.pdf_key = key
    return key


def unprinted() -> list[UUID]:
    """Reports whose PDF should be there by now."""
    late = timezone.now() - _UNPRINTED_AFTER
    return list(
        ReportVersion.objects.filter(pdf_key="", signed_at__lt=late).values_list("pk", flat=True)
    )


def _images(report: ReportVersion) -> dict[int, SmearImage]:
    images = SmearImage.objects.filter(case=report.case_id)
    return {image.position: image for image in images}
