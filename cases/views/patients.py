"""Patients: find, register, change, read."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import CheckboxInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from accounts.pages import attempt, form_page, posted
from accounts.policy import may, may_somewhere, require_somewhere
from cases.forms import NewPatientForm, PatientChange, PatientSearchForm
from cases.models import Case, Patient
from cases.selectors.alike import known_alike
from cases.selectors.cases import patient_page
from cases.selectors.printable import patient_warning
from cases.selectors.results import attach_results
from cases.services import intake
from cases.services.looking import patient_seen, patients_listed
from cases.views.support import live_of_organisations, place_of


@require_GET
@signed_in
def patient_list(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), PatientSearchForm(request.GET)
    form.is_valid()
    query, order = form.cleaned_data.get("q", ""), request.GET.get("order", "")
    page = patient_page(actor=actor, query=query, order=order, place=place_of(request))
    patients_listed(actor=actor, patients=page.rows, query=request.GET)
    context = {"form": form, "page": page, "order": order}
    return render(request, "cases/patient_list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def patient_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "patient.edit")
    form = NewPatientForm(posted(request), actor=actor)
    if form.is_bound and (patient := attempt(form, intake.patient_register, actor=actor)):
        _warn(request, patient)
        return redirect("cases:patient_detail", pk=patient.pk)
    alike = _known_alike(form, actor) if form.is_bound else []
    return form_page(request, "cases/patient_form.html", form, draft="patient.new", alike=alike)


@require_http_methods(["GET", "POST"])
@signed_in
def patient_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    patient = Patient.objects.get_for(actor, "patient.edit", pk=pk)
    patient_seen(actor=actor, patient=patient)
    form = PatientChange.of(patient, posted(request))
    if form.is_bound and (
        changed := attempt(form, intake.patient_update, actor=actor, patient=patient)
    ):
        _warn(request, changed)
        return redirect("cases:patient_detail", pk=pk)
    return form_page(
        request, "cases/patient_form.html", form, draft=f"patient.edit:{pk}", patient=patient
    )


def _known_alike(form: NewPatientForm, actor: Actor) -> list[Patient]:
    """Whom a refused form could mean; the question whether it is another person becomes visible."""
    given = form.cleaned_data
    if form.has_error("is_another"):
        form.fields["is_another"].widget = CheckboxInput()
    if not (form.has_error("is_another") or form.has_error("mrn")) or "clinic" not in given:
        return []
    return known_alike(
        actor,
        given["clinic"],
        name=given.get("name", ""),
        mrn=form.data.get("mrn", ""),
        birth_date=given.get("birth_date"),
    )


def _warn(request: HttpRequest, patient: Patient) -> None:
    if warning := patient_warning(patient):
        messages.warning(request, warning)


@require_GET
@signed_in
def patient_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    live = live_of_organisations(actor)
    patient = Patient.objects.select_related("clinic").get_for(actor, "patient.view", pk=pk)
    patient_seen(actor=actor, patient=patient)
    context = {
        "patient": patient,
        "live": live,
        "may_edit": may(actor, "patient.edit", patient),
        "may_see_log": may_somewhere(actor, "audit.view"),
        "cases": cases_of(request, patient),
    }
    return render(request, "cases/patient_detail.html", context)


@require_GET
@signed_in
def patient_cases(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: the rows of a patient's cases."""
    patient = Patient.objects.get_for(actor_of(request), "patient.view", pk=pk)
    patient_seen(actor=actor_of(request), patient=patient)
    return render(request, "cases/fragments/case_rows.html", {"cases": cases_of(request, patient)})


def cases_of(request: HttpRequest, patient: Patient) -> list[Case]:
    """All cases of one patient that this person may see, newest first."""
    visible = Case.objects.visible_to(actor_of(request), "case.view").filter(patient=patient)
    cases = list(visible.select_related("patient", "clinic", "assignee").order_by("-created_at"))
    attach_results(cases, actor_of(request))
    return cases
