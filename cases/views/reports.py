"""Signed reports: every version readable, the newest first in line."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from accounts.services import audit
from cases.models import ReportVersion
from cases.selectors.permitted import permitted
from cases.services.notices import reports_seen
from cases.services.reports import pdf_of, verify
from cases.views.support import live_marks


def _seen(request: HttpRequest, pk: UUID, number: int) -> ReportVersion:
    """The version, with the fact that it was looked at on record. Raises `NotThere`."""
    actor: Actor = actor_of(request)
    rows = ReportVersion.objects.select_related("case__patient", "case__clinic", "case__assignee")
    report = rows.get_for(actor, "report.view", case=pk, number=number)
    audit.record_view(actor=actor, chain=report.case.clinic_id, obj=report)
    reports_seen(actor=actor, reports=[report])
    return report


@require_GET
@signed_in
def report_detail(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    live = live_marks([f"case:{pk}"])
    report = _seen(request, pk, number)
    versions = list(report.case.reports.order_by("-number"))
    context = {
        "live": live,
        "report": report,
        "case": report.case,
        "patient": report.case.patient,
        "document": json.loads(report.document),
        "verdict": verify(report),
        "versions": versions,
        "newest": versions[0],
        "reads": report.case.clinic_id in actor_of(request).clinics_read,
        "can": permitted(actor_of(request), report.case),
    }
    return render(request, "cases/report.html", context)


@require_GET
@signed_in
def report_pdf(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """The paper; made now, if the worker has not come to it yet."""
    report = _seen(request, pk, number)
    return pdf_answer(pdf_of(report), f"{report.case.accession}-report-{number}.pdf")


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF that a browser shows in its own window."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_GET
@signed_in
def report_json(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """The signed text, byte for byte: its SHA-256 is the one in the report."""
    report = _seen(request, pk, number)
    response = HttpResponse(report.document, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{report.case}-{number}.json"'
    return response
