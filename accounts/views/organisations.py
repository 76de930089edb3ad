"""Organisations, and who reads for whom."""

from __future__ import annotations

from functools import cache, partial
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import OrganisationKind
from accounts.forms import AgreementForm, NewOrganisationForm, OrganisationForm
from accounts.http import actor_of, signed_in
from accounts.pages import act, attempt, form_page, posted
from accounts.policy import may_somewhere, require_somewhere
from accounts.selectors import people
from accounts.services import organisations


@require_GET
@signed_in
def organisation_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "organisation.manage")
    context = {
        "organisations": people.managed_organisations(actor),
        "may_open": may_somewhere(actor, "organisation.open"),
    }
    return render(request, "accounts/organisation_list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def organisation_new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "organisation.open")
    form = NewOrganisationForm(posted(request), initial={"time_zone": "UTC"})
    made = attempt(form, organisations.organisation_open, actor=actor) if form.is_bound else None
    if made is None:
        return form_page(request, "accounts/organisation_new.html", form, time_zones=_time_zones())
    messages.success(request, f"{made} is open. Now invite its first administrator.")
    return redirect("accounts:organisation_detail", pk=made.pk)


@require_http_methods(["GET", "POST"])
@signed_in
def organisation_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name, time zone, agreements; (POST) a change of the first two."""
    actor = actor_of(request)
    organisation = people.organisation_get(actor=actor, pk=pk)
    known = {"name": organisation.name, "time_zone": organisation.time_zone}
    form = OrganisationForm(posted(request), initial=known)
    update = partial(organisations.organisation_update, actor=actor, organisation=organisation)
    if form.is_bound and attempt(form, update) is not None:
        messages.success(request, "Saved.")
        return redirect("accounts:organisation_detail", pk=pk)
    return form_page(
        request,
        "accounts/organisation_detail.html",
        form,
        organisation=organisation,
        agreements=people.agreements_of(organisation),
        agreement_form=AgreementForm(laboratories=people.laboratories()),
        is_clinic=organisation.kind == OrganisationKind.CLINIC,
        time_zones=_time_zones(),
    )


@require_POST
@signed_in
def agreement_make(request: HttpRequest, pk: UUID) -> HttpResponse:
    clinic = people.organisation_get(actor=actor_of(request), pk=pk)
    form = AgreementForm(request.POST, laboratories=people.laboratories())
    if form.is_valid():
        laboratory = form.cleaned_data["laboratory"]
        done = f"{laboratory} reads for {clinic} from now on."
        act(
            request,
            organisations.agreement_make,
            done=done,
            clinic=clinic,
            laboratory=laboratory,
        )
    else:
        messages.error(request, "Choose a laboratory. Nothing was changed.")
    return redirect("accounts:organisation_detail", pk=pk)


@cache
def _time_zones() -> list[str]:
    return sorted(available_timezones())
