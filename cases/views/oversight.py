"""Pages of administrators that need to know of cases."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import actor_of, signed_in
from accounts.pages import act, cursor_of
from accounts.policy import require_somewhere
from accounts.selectors import audit as trail
from accounts.selectors import people
from accounts.services import organisations
from cases.models import Patient
from cases.selectors.oversight import access_log, open_work
from cases.services.looking import patient_seen


@require_http_methods(["GET", "POST"])
@signed_in
def agreement_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, with what would be left unread; (POST) end it."""
    actor = actor_of(request)
    agreement = people.agreement_get(actor=actor, pk=pk)
    mine = people.managed_organisations(actor).filter(pk=agreement.clinic_id).exists()
    back = agreement.clinic_id if mine else agreement.laboratory_id
    if request.method == "GET" and agreement.is_active:
        context = {"agreement": agreement, "work": open_work(agreement), "back": back}
        return render(request, "cases/agreement_end.html", context)
    if request.method == "GET":
        messages.info(request, f"{agreement.laboratory} no longer reads for {agreement.clinic}.")
    else:
        done = f"{agreement.laboratory} no longer reads for {agreement.clinic}."
        act(request, organisations.agreement_end, done=done, agreement=agreement)
    return redirect("accounts:organisation_detail", pk=back)


@require_GET
@signed_in
def patient_access(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who saw or changed anything of one patient."""
    actor = actor_of(request)
    require_somewhere(actor, "audit.view")
    patient = Patient.objects.select_related("clinic").get_for(actor, "patient.view", pk=pk)
    patient_seen(actor=actor, patient=patient)
    page = trail.audit_page(access_log(actor=actor, patient=patient), before=cursor_of(request))
    rows = trail.readable(actor, page.events)
    context = {"patient": patient, "rows": rows, "older": page.older}
    return render(request, "cases/patient_access.html", context)
