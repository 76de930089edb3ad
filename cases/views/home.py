"""The start page of each role, and small answers for the browser's own needs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import actor_of, signed_in


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Readers start at the queue, clinics at their cases, administrators at their people."""
    actor = actor_of(request)
    if actor.clinics_read:
        return redirect("cases:queue")
    if actor.submits_for:
        return redirect("cases:case_list")
    if actor.administers or actor.is_site_administrator:
        return redirect("accounts:user_list")
    return render(request, "cases/no_role.html")


@require_POST
@signed_in
def still_here(request: HttpRequest) -> HttpResponse:
    """Somebody works on an open page: the request itself puts off the automatic logoff."""
    return HttpResponse(status=204)


@require_GET
@signed_in
def back_again(request: HttpRequest) -> HttpResponse:
    """Where a second tab ends after signing in again for a page that waits in the first."""
    return render(request, "cases/signed_in_again.html")
