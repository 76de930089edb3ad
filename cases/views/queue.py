"""The review queue. Rows keep their place while somebody looks; new ones come at the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from accounts.policy import NOT_YOUR_ROLE, may_somewhere
from cases.choices import ListPage
from cases.forms import QueueFilterForm
from cases.models import Case
from cases.selectors.queue import QueueFilters, next_case, queue_counts, queue_page
from cases.services.looking import cases_listed
from cases.views.support import back_to_case, live_of_organisations, place_of, uuid_in, views_kept
from telepath.core.errors import NotAllowed

LONGEST = 200
"""Rows on the screen that are looked at again."""


@require_GET
@signed_in
def queue(request: HttpRequest) -> HttpResponse:
    actor = _reader(request)
    live = live_of_organisations(actor)
    context = {**_listed(request, actor), "live": live}
    context["cases"] = context["page"].rows
    cases_listed(actor=actor, cases=context["cases"], query=request.GET)
    context["views"] = views_kept(actor, ListPage.QUEUE)
    return render(request, "cases/queue.html", context)


@require_GET
@signed_in
def queue_next(request: HttpRequest) -> HttpResponse:
    """On to the next case: the reader's own, or the first in nobody's hands, to be looked at."""
    case = next_case(_reader(request))
    if case is None:
        messages.info(request, "Nothing else waits for a reading.")
        return redirect("cases:queue")
    return back_to_case(case.pk)


@require_GET
@signed_in
def queue_rows(request: HttpRequest) -> HttpResponse:
    """Fragment: the rows already shown (`s`, in their order) as they are now, then new ones."""
    actor = _reader(request)
    shown = [pk for pk in map(uuid_in, request.GET.getlist("s")[:LONGEST]) if pk]
    context = _listed(request, actor)
    known = set(shown)
    new = [case for case in context["page"].rows if case.pk not in known]
    context |= {"cases": _as_they_are(actor, shown) + new, "new": new, "is_swap": True}
    cases_listed(actor=actor, cases=context["cases"], query=request.GET)
    return render(request, "cases/fragments/queue_rows.html", context)


def _reader(request: HttpRequest) -> Actor:
    """Whoever takes cases or hands them out; a clinic's people have no queue."""
    actor = actor_of(request)
    if not any(may_somewhere(actor, action) for action in ("case.claim", "case.assign")):
        raise NotAllowed(NOT_YOUR_ROLE)
    return actor


def _listed(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    form = QueueFilterForm(request.GET, actor=actor)
    form.is_valid()
    order = request.GET.get("order", "")
    page = queue_page(
        actor=actor,
        filters=QueueFilters(**form.cleaned_data),
        order=order,
        place=place_of(request),
    )
    return {"form": form, "page": page, "order": order, "counts": queue_counts(actor)}


def _as_they_are(actor: Actor, shown: list[UUID]) -> list[Case]:
    """Rows on the screen, in their order; one that left the queue shows where it went."""
    visible = Case.objects.visible_to(actor, "case.view")
    found = visible.select_related("patient", "clinic", "assignee").in_bulk(shown)
    return [found[pk] for pk in shown if pk in found]
