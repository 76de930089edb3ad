"""On the sign page: which pictures the report carries, and what it will look like."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import actor_of, signed_in
from accounts.services import audit
from cases.forms import PicturesForm
from cases.models import Case
from cases.selectors.cases import case_get
from cases.selectors.cells import cells_of
from cases.selectors.pictures import PICTURED_CELLS, offered
from cases.services.pictures import pictures_choose, pictures_forget
from cases.services.reports.preview import preview_pdf
from cases.services.review import require_now
from cases.views.reports import pdf_answer
from telepath.core.errors import Invalid


def context(case: Case) -> dict[str, Any]:
    """What the fragment shows."""
    return {"case": case, "offer": offered(case, cells_of(case)), "most": PICTURED_CELLS}


@require_http_methods(["GET", "POST"])
@signed_in
def case_pictures(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: the pictures; (POST) all that are ticked, or the program's choice again."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    require_now(actor, "case.illustrate", case)
    refusal = _choose(request, case) if request.method == "POST" else ""
    more = {"refusal": refusal, "is_open": request.method == "POST"}
    return render(request, "cases/fragments/pictures.html", {**context(case), **more})


@require_POST
@signed_in
def case_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The report with what stands on the sign page now, marked as not signed."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    said = {name: request.POST.get(name, "") for name in ("conclusion", "comment", "meaning")}
    reason = request.POST.get("reason", "")
    content = preview_pdf(actor=actor, case=case, **said, reason=reason)
    audit.record_view(actor=actor, chain=case.clinic_id, obj=case)
    return pdf_answer(content, f"{case.accession}-preview.pdf")


def _choose(request: HttpRequest, case: Case) -> str:
    """Why the choice was not taken; "" when it was."""
    actor, form = actor_of(request), PicturesForm(request.POST)
    if "again" in request.POST:
        pictures_forget(actor=actor, case=case)
        return ""
    if not form.is_valid():
        return "This choice was not understood. Reload the page."
    try:
        pictures_choose(actor=actor, case=case, **form.cleaned_data)
    except Invalid as error:
        return error.message
    return ""
