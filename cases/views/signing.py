"""Sign-out and amendment: what was checked, what is declared, and the password once more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from accounts.pages import attempt, form_page, posted
from accounts.policy import require
from accounts.services import audit
from cases.forms import AmendForm, SignForm
from cases.models import Case, ReportVersion
from cases.selectors.cases import case_get
from cases.selectors.checks import signing_checks
from cases.selectors.differential import differential_of_case
from cases.services import signing
from cases.services.review import require_now
from cases.views.support import live_marks


def _page(request: HttpRequest, case: Case, form: SignForm, live: list[str]) -> HttpResponse:
    """The signer sees once more what will be frozen."""
    amending = isinstance(form, AmendForm)
    checks = signing_checks(case, actor=actor_of(request))
    context: dict[str, Any] = {
        "case": case,
        "patient": case.patient,
        "live": live,
        "checks": checks,
        "ready": all(check.passed for check in checks),
        "differential": differential_of_case(case),
        "amending": amending,
    }
    return form_page(request, "cases/case_sign.html", form, **context)


def _signed(report: ReportVersion, request: HttpRequest) -> HttpResponse:
    messages.success(request, f"Report {report.number} of {report.case} is signed and released.")
    return redirect("cases:report_detail", pk=report.case_id, number=report.number)


@require_http_methods(["GET", "POST"])
@signed_in
def case_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    live = live_marks([f"case:{pk}"])
    case = case_get(actor=actor, pk=pk)
    form = SignForm(posted(request))
    _require_to_look(actor, "case.sign", case, form)
    if form.is_bound and (report := attempt(form, signing.case_sign, actor=actor, case=case)):
        return _signed(report, request)
    audit.record_view(actor=actor, chain=case.clinic_id, obj=case)
    return _page(request, case, form, live)


@require_http_methods(["GET", "POST"])
@signed_in
def case_amend(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    live = live_marks([f"case:{pk}"])
    case = case_get(actor=actor, pk=pk)
    form = AmendForm(posted(request), initial=_last_words(case))
    _require_to_look(actor, "case.amend", case, form)
    if form.is_bound and (report := attempt(form, signing.case_amend, actor=actor, case=case)):
        return _signed(report, request)
    audit.record_view(actor=actor, chain=case.clinic_id, obj=case)
    return _page(request, case, form, live)


def _require_to_look(actor: Actor, action: str, case: Case, form: SignForm) -> None:
    """Of a form that was sent, the service judges: it also knows who signed a moment ago."""
    if not form.is_bound:
        require(actor, action, case)
        require_now(actor, action, case)


def _last_words(case: Case) -> dict[str, Any]:
    """An amendment begins with the conclusion of the version that it replaces."""
    newest = case.reports.last()
    return {"conclusion": newest.conclusion, "replaces": newest.number} if newest else {}
