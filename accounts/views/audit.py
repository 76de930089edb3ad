"""The audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actions import ACTIONS
from accounts.exports import audit_csv as lines_of
from accounts.forms import AuditFilterForm
from accounts.http import actor_of, signed_in
from accounts.policy import organisations_for, require_somewhere
from accounts.selectors import audit as trail
from accounts.services import audit_reading


@require_GET
@signed_in
def audit_log(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "audit.view")
    form = _form(request)
    filters = form.filters()
    audit_reading.note_reading(actor=actor, filters=filters)
    names = trail.chain_names(actor)
    page = trail.audit_page(actor=actor, filters=filters, before=_cursor(request))
    rows = [(one, trail.changes_of(one), names.get(one.chain, "")) for one in page.events]
    context = {"form": form, "rows": rows, "older": page.older, "actions": ACTIONS}
    return render(request, "accounts/audit_log.html", context)


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


def _cursor(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
