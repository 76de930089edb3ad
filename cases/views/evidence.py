"""Why the model called a cell what it did, fetched when a reader chooses the cell."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import actor_of, signed_in
from accounts.services import audit
from cases.selectors.evidence import evidence_of


@require_GET
@signed_in
@never_cache
def cell_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: weight, evidence map, neighbours, probabilities and measures of one cell."""
    actor = actor_of(request)
    image, evidence = evidence_of(actor=actor, cell_id=pk)
    audit.record_view(actor=actor, obj=image.case, chain=image.case.clinic_id)
    return render(request, "cases/fragments/why.html", {"why": evidence})
