"""The review queue. Rows keep their place while somebody looks; new ones come at the end."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from cases.forms import QueueFilterForm
from cases.models import Case
from cases.selectors.queue import QueueFilters, review_queue
from cases.views.support import live_of_organisations

LONGEST = 200
"""Rows shown at most. The most pressing come first, so what is cut off can wait."""


@require_GET
@signed_in
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    live = live_of_organisations(actor)
    form = QueueFilterForm(request.GET, actor=actor)
    context = {"form": form, "live": live, "cases": _waiting(actor, form)}
    return render(request, "cases/queue.html", context)


@require_GET
@signed_in
def queue_rows(request: HttpRequest) -> HttpResponse:
    """Fragment: the rows already shown (`s`, in their order) as they are now, then new ones."""
    actor = actor_of(request)
    shown = [UUID(one) for one in request.GET.getlist("s")[:LONGEST] if _is_uuid(one)]
    waiting = _waiting(actor, QueueFilterForm(request.GET, actor=actor))
    new = [case for case in waiting if case.pk not in set(shown)]
    context = {"cases": _still(actor, shown, waiting) + new, "new": new}
    return render(request, "cases/fragments/queue_rows.html", context)


def _waiting(actor: Actor, form: QueueFilterForm) -> list[Case]:
    form.is_valid()
    return review_queue(actor=actor, filters=QueueFilters(**form.cleaned_data))[:LONGEST]


def _still(actor: Actor, shown: list[UUID], waiting: list[Case]) -> list[Case]:
    """Rows on the screen, in their order; one that left the queue shows where it went."""
    known = {case.pk: case for case in waiting}
    gone = [pk for pk in shown if pk not in known]
    if gone:
        known |= _left(actor, gone)
    return [known[pk] for pk in shown if pk in known]


def _left(actor: Actor, gone: list[UUID]) -> dict[UUID, Case]:
    visible = Case.objects.visible_to(actor, "case.view")
    return visible.select_related("patient", "clinic", "assignee").in_bulk(gone)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
