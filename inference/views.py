"""Pages of models and of the state of the work."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from accounts.pages import attempt, form_page
from accounts.policy import may_somewhere, require_somewhere
from inference import selectors
from inference.cards import card_blocks
from inference.forms import ReasonForm
from inference.models import ModelVersion
from inference.selectors.work import work_status as read_work_status
from inference.services import registry


@require_GET
@signed_in
def model_list(request: HttpRequest) -> HttpResponse:
    """All models, the newest first, and which of them is active."""
    actor = actor_of(request)
    require_somewhere(actor, "model.view")
    context = {
        "models": selectors.model_list(),
        "active": selectors.active_model(),
        "may_see_work": may_somewhere(actor, "work.view"),
    }
    return render(request, "inference/model_list.html", context)


@require_GET
@signed_in
def model_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The card of a model: what it is for, how well it does, where it fails."""
    return _detail(request, pk, ReasonForm())


@require_POST
@signed_in
def model_activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a model judge what is sent from now on."""
    return _change(request, pk, "model.activate", registry.model_activate, "{} is active now.")


@require_POST
@signed_in
def model_retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Never use a model again."""
    return _change(request, pk, "model.retire", registry.model_retire, "{} is retired.")


@require_GET
@never_cache
@signed_in
def work_status(request: HttpRequest) -> HttpResponse:
    """Queues, workers, turnaround, failures; HTMX asks for the numbers again every few seconds."""
    require_somewhere(actor_of(request), "work.view")
    whole = "HX-Request" not in request.headers
    page = "inference/work_status.html" if whole else "inference/fragments/work.html"
    return render(request, page, {"work": read_work_status()})


def _change(
    request: HttpRequest,
    pk: UUID,
    action: str,
    service: Callable[..., ModelVersion],
    done: str,
) -> HttpResponse:
    actor: Actor = actor_of(request)
    require_somewhere(actor, action)
    form = ReasonForm(request.POST)
    model = get_object_or_404(ModelVersion, pk=pk)
    if attempt(form, service, actor=actor, model=model) is None:
        return _detail(request, pk, form)
    messages.success(request, done.format(model))
    return redirect("inference:model_detail", pk)


def _detail(request: HttpRequest, pk: UUID, form: ReasonForm) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "model.view")
    model = get_object_or_404(ModelVersion, pk=pk)
    return form_page(
        request,
        "inference/model_detail.html",
        form,
        model=model,
        blocks=card_blocks(model.card),
        may_change=may_somewhere(actor, "model.activate"),
    )
