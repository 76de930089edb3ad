"""Critical results: the banner, the panel, and the two ways to say that the clinic knows."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import actor_of, signed_in
from accounts.pages import act
from cases.selectors.cases import case_get
from cases.selectors.critical import critical_of
from cases.services import critical
from cases.services.looking import case_seen, criticals_seen
from cases.services.notices import choose
from cases.views.support import back_to_case


@require_GET
@signed_in
def critical_banner(request: HttpRequest) -> HttpResponse:
    """Fragment: what this person must act on, of all her cases."""
    context = {"criticals": criticals_seen(actor=actor_of(request))}
    return render(request, "cases/fragments/critical_banner.html", context)


@require_GET
@signed_in
def critical_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: the critical result of one case."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    case_seen(actor=actor, case=case)
    context = {"case": case, "critical": critical_of(case, actor)}
    return render(request, "cases/critical.html", context)


@require_POST
@signed_in
def critical_acknowledge(request: HttpRequest, pk: UUID) -> HttpResponse:
    case = case_get(actor=actor_of(request), pk=pk)
    act(
        request,
        critical.critical_acknowledge,
        done=f"You acknowledged the critical result of {case}.",
        case=case,
        report=_number(request),
    )
    return back_to_case(pk)


@require_POST
@signed_in
def critical_telephone(request: HttpRequest, pk: UUID) -> HttpResponse:
    case = case_get(actor=actor_of(request), pk=pk)
    name = request.POST.get("told_name", "")
    act(
        request,
        critical.critical_telephone,
        done=f"It is noted that {name.strip()} knows the critical result of {case}.",
        case=case,
        report=_number(request),
        told_name=name,
    )
    return back_to_case(pk)


@require_POST
@signed_in
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Which mails somebody wants from now on."""
    choose(actor=actor_of(request), kinds=request.POST.getlist("kind"))
    messages.success(request, "Saved. Critical results are mailed whatever you choose.")
    return redirect("accounts:profile")


def _number(request: HttpRequest) -> int:
    """The version that the person had before her eyes; 0, which none is, when it is not said."""
    text = request.POST.get("report", "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0
