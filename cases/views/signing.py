"""Signatures: what was checked, what is declared, and the password once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import actor_of, signed_in
from accounts.once import draft_used, repeats_by_itself, tell_once
from accounts.pages import act, attempt, form_page, posted
from accounts.policy import require
from accounts.services import audit
from cases.choices import Conclusion
from cases.forms import AddendumForm, AmendForm, SignForm
from cases.models import Case, ReportVersion
from cases.selectors.cases import case_get
from cases.selectors.cells import cells_of
from cases.selectors.checks import comment_required, signing_checks
from cases.selectors.difference import Change, difference
from cases.selectors.differential import differential_of_case
from cases.services import amending, appending, signing
from cases.services.reports.document import said_now
from cases.services.review import require_now
from cases.views.support import back_to_case, live_marks

Service = Callable[..., ReportVersion]


@require_http_methods(["GET", "POST"])
@signed_in
@repeats_by_itself
def case_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The first version."""
    live = live_marks([f"case:{pk}"])
    case = case_get(actor=actor_of(request), pk=pk)
    needs_words = comment_required(case, differential_of_case(case))
    form = SignForm(posted(request), comment_required=needs_words)
    if report := _signed(request, form, "case.sign", signing.case_sign, case):
        return _released(request, report)
    return _page(request, case, form, live=live, draft=f"case.sign:{pk}")


@require_http_methods(["GET", "POST"])
@signed_in
@repeats_by_itself
def case_amend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new version, which begins from all that the newest says."""
    live = live_marks([f"case:{pk}"])
    case = case_get(actor=actor_of(request), pk=pk)
    newest = signing.newest_of(case)
    needs_words = comment_required(case, differential_of_case(case))
    form = AmendForm(posted(request), initial=_last_words(newest), comment_required=needs_words)
    if report := _signed(request, form, "case.amend", signing.case_amend, case):
        return _released(request, report)
    draft = f"case.amend:{pk}:{newest.number if newest else 0}"
    return _page(request, case, form, live=live, draft=draft, newest=newest)


@require_http_methods(["GET", "POST"])
@signed_in
def case_abandon(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would be lost with the amendment; (POST) give it up."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    if request.method == "POST":
        done = f"The amendment of {case} was given up. The signed version stands, and its count."
        act(request, amending.case_abandon, done=done, case=case)
        return back_to_case(pk)
    require_now(actor, "case.abandon", case)
    newest = signing.newest_of(case)
    changes = _changes(case, AmendForm(initial=_last_words(newest)), newest)
    context = {"case": case, "patient": case.patient, "newest": newest, "changes": changes}
    return render(request, "cases/case_abandon.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
@repeats_by_itself
def case_append(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Text below the newest version."""
    case = case_get(actor=actor_of(request), pk=pk)
    newest = signing.newest_of(case)
    form = AddendumForm(posted(request), initial={"appends": newest.number if newest else None})
    if report := _signed(request, form, "case.append", appending.report_append, case):
        return _released(request, report)
    return form_page(
        request,
        "cases/case_append.html",
        form,
        draft=f"case.append:{pk}:{newest.number if newest else 0}",
        case=case,
        patient=case.patient,
        newest=newest,
        document=newest.content if newest else {},
    )


@require_POST
@signed_in
def case_difference(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: how the amendment, as it is typed now, differs from the version before."""
    case = case_get(actor=actor_of(request), pk=pk)
    require(actor_of(request), "case.amend", case)
    changes = _changes(case, AmendForm(request.POST), signing.newest_of(case))
    return render(request, "cases/fragments/difference.html", {"changes": changes})


def _signed(
    request: HttpRequest, form: forms.Form, action: str, service: Service, case: Case
) -> ReportVersion | None:
    """The version that the form signed, now or with its first click; None when there is none.

    A form that is only looked at is refused here. Of one that was sent the service judges: it also
    knows who signed a moment ago.
    """
    actor = actor_of(request)
    if not form.is_bound:
        require(actor, action, case)
        require_now(actor, action, case)
    elif report := attempt(form, _landing_on_the_first(service), actor=actor, case=case):
        draft_used(request, actor)
        return report
    audit.record_view(actor=actor, chain=case.clinic_id, obj=case)
    return None


def _landing_on_the_first(service: Service) -> Service:
    """A second click leads to what the first one signed."""

    def sign(**statement: Any) -> ReportVersion:
        try:
            return service(**statement)
        except signing.AlreadySigned as already:
            if already.repeated:
                return already.report
            raise

    return sign


def _page(
    request: HttpRequest,
    case: Case,
    form: SignForm,
    *,
    live: list[str],
    draft: str,
    newest: ReportVersion | None = None,
) -> HttpResponse:
    """The signer sees once more what will be frozen."""
    checks = signing_checks(case, actor=actor_of(request))
    return form_page(
        request,
        "cases/case_sign.html",
        form,
        draft=draft,
        case=case,
        patient=case.patient,
        live=live,
        checks=checks,
        ready=all(check.passed for check in checks),
        differential=differential_of_case(case),
        newest=newest,
        changes=lambda: _changes(case, form, newest),  # after the draft is in the form
    )


def _changes(case: Case, form: SignForm, newest: ReportVersion | None) -> list[Change]:
    if newest is None:
        return []
    chosen = form["conclusion"].value()
    conclusion = Conclusion(chosen if chosen in Conclusion.values else newest.conclusion)
    comment = str(form["comment"].value() or "").strip()
    return difference(newest.content, said_now(case, cells_of(case), conclusion, comment))


def _released(request: HttpRequest, report: ReportVersion) -> HttpResponse:
    done = f"Report {report.number} of {report.case} is signed and released."
    tell_once(request, messages.SUCCESS, done)
    return redirect("cases:report_detail", pk=report.case_id, number=report.number)


def _last_words(newest: ReportVersion | None) -> dict[str, Any]:
    """An amendment begins with what the version says that it replaces."""
    if newest is None:
        return {}
    said = {"conclusion": newest.conclusion, "comment": newest.content["comment"]}
    return {**said, "replaces": newest.number}
