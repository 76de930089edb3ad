"""Cases: list, open, change, and the one page of a case for both sides."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import actor_of, signed_in
from accounts.pages import attempt, form_page, posted
from cases.choices import EDITABLE, ListPage
from cases.forms import CaseChange, CaseFilterForm, CaseForm
from cases.models import Case, Patient
from cases.selectors.cases import CaseFilters, case_get, case_page
from cases.selectors.printable import case_warning
from cases.selectors.results import attach_results, todo
from cases.services import intake
from cases.services.looking import case_seen, cases_listed, patient_seen
from cases.services.notices import reports_seen
from cases.services.review import case_opened
from cases.views import clinic_page, review_page
from cases.views.support import (
    back_to_case,
    live_marks,
    live_of_organisations,
    many_clinics,
    place_of,
    views_kept,
)
from telepath.core.errors import Conflict

TODO_ROWS = 20
"""More than a day brings; what is beyond moves up as soon as the first are done."""


def _listed(request: HttpRequest) -> dict[str, object]:
    form = CaseFilterForm(request.GET)
    form.is_valid()
    actor, status = actor_of(request), form.cleaned_data.get("status", "")
    filters = CaseFilters(
        query=form.cleaned_data.get("q", ""),
        statuses=frozenset({status} if status else ()),
        mine=form.cleaned_data.get("mine", False),
    )
    order = request.GET.get("order", "")
    page = case_page(actor=actor, filters=filters, order=order, place=place_of(request))
    attach_results(page.rows, actor)
    cases_listed(actor=actor, cases=page.rows, query=request.GET)
    return {
        "form": form,
        "page": page,
        "cases": page.rows,
        "order": order,
        "many_clinics": many_clinics(actor),
    }


def _to_do(request: HttpRequest) -> dict[str, object]:
    """A clinic's own work, above a list that is not narrowed; nothing for anybody else."""
    actor = actor_of(request)
    if not actor.submits_for or request.GET:
        return {}
    rows = list(todo(actor)[: TODO_ROWS + 1])
    cases_listed(actor=actor, cases=rows[:TODO_ROWS])
    return {"todo": rows[:TODO_ROWS], "todo_more": len(rows) > TODO_ROWS}


@require_GET
@signed_in
def case_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {"live": live_of_organisations(actor), **_to_do(request), **_listed(request)}
    context["views"] = views_kept(actor, ListPage.CASES)
    return render(request, "cases/case_list.html", context)


@require_GET
@signed_in
def case_todo(request: HttpRequest) -> HttpResponse:
    """Fragment: what the clinic has to do."""
    return render(request, "cases/fragments/todo.html", _to_do(request))


@require_GET
@signed_in
def case_rows(request: HttpRequest) -> HttpResponse:
    """Fragment: the rows of the list, with the same filters and page."""
    return render(request, "cases/fragments/case_rows.html", _listed(request))


@require_http_methods(["GET", "POST"])
@signed_in
def case_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    patient = Patient.objects.select_related("clinic").get_for(actor, "patient.edit", pk=pk)
    patient_seen(actor=actor, patient=patient)
    form = CaseForm(posted(request))
    if form.is_bound and (case := attempt(form, intake.case_open, actor=actor, patient=patient)):
        _warn(request, case)
        return back_to_case(case.pk)
    return form_page(request, "cases/case_form.html", form, draft=f"case.new:{pk}", patient=patient)


@require_http_methods(["GET", "POST"])
@signed_in
def case_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk, action="case.edit")
    case_seen(actor=actor, case=case)
    if case.status not in EDITABLE:
        raise Conflict("This case was submitted, so it can no longer be changed.")
    form = CaseChange.of(case, posted(request))
    if form.is_bound and (changed := attempt(form, intake.case_update, actor=actor, case=case)):
        _warn(request, changed)
        return back_to_case(pk)
    return form_page(
        request,
        "cases/case_form.html",
        form,
        draft=f"case.edit:{pk}",
        case=case,
        patient=case.patient,
    )


def _warn(request: HttpRequest, case: Case) -> None:
    if warning := case_warning(case):
        messages.warning(request, warning)


@require_GET
@signed_in
def case_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One address for both sides: readers of the clinic review here, all others follow."""
    actor = actor_of(request)
    live = live_marks([f"case:{pk}"])
    case = case_get(actor=actor, pk=pk)
    case_seen(actor=actor, case=case)
    case_opened(actor=actor, case=case)
    side = review_page if case.clinic_id in actor.clinics_read else clinic_page
    context = side.context(actor, case)
    reports_seen(actor=actor, reports=context["reports"])
    return render(request, side.TEMPLATE, {"live": live, **context})
