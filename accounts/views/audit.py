"""The audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import WORDS
from accounts.exports import audit_csv as lines_of
from accounts.forms import AuditFilterForm
from accounts.http import actor_of, signed_in
from accounts.pages import cursor_of
from accounts.policy import organisations_for, require_somewhere
from accounts.selectors import audit as trail
from accounts.services import audit_reading
from accounts.services.audit_proof import proof_ask


@require_GET
@signed_in
def audit_log(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "audit.view")
    form = _form(request)
    filters = form.filters()
    audit_reading.note_reading(actor=actor, filters=filters)
    events = trail.audit_events(actor=actor, filters=filters)
    page = trail.audit_page(events, before=cursor_of(request))
    context = {
        "form": form,
        "rows": trail.readable(actor, page.events),
        "older": page.older,
        "actions": sorted(set(WORDS.values())),
        "proof": trail.newest_proof(actor),
    }
    return render(request, "accounts/audit_log.html", context)


@require_GET
@signed_in
def audit_proof(request: HttpRequest) -> HttpResponse:
    """Fragment: what the last walk along the chains found."""
    actor = actor_of(request)
    require_somewhere(actor, "audit.view")
    context = {"proof": trail.newest_proof(actor)}
    return render(request, "accounts/fragments/audit_proof.html", context)


@require_POST
@signed_in
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Have every link of one's chains walked."""
    proof_ask(actor=actor_of(request))
    return redirect("accounts:audit_log")


@require_GET
@signed_in
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same events, all of them, as a file."""
    actor = actor_of(request)
    require_somewhere(actor, "audit.view")
    filters = _form(request).filters()
    before = audit_reading.note_export(actor=actor, filters=filters)
    stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
    return StreamingHttpResponse(
        lines_of(actor=actor, filters=filters, before=before),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{stamp}.csv"'},
    )


def _form(request: HttpRequest) -> AuditFilterForm:
    organisations = organisations_for(actor_of(request), "audit.view").order_by("name")
    return AuditFilterForm(request.GET, organisations=organisations)
