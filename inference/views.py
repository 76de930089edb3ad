"""Pages of models and of the state of the work."""

from __future__ import annotations

from typing import Any
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
from inference.changes import ACTIVATE, RETIRE, ROLL_BACK, SHADOW, UNSHADOW, Change, changes_of
from inference.forms import ReasonForm, TwoModelsForm
from inference.models import ModelVersion
from inference.selectors import comparison
from inference.selectors.figures import FEWEST_FIELDS, key_figures
from inference.selectors.glance import five_figures, purpose_of, two_curves
from inference.selectors.history import activations, model_before
from inference.selectors.verdicts import failures_of
from inference.selectors.work import work_status as read_work_status
from inference.services.registry import REASON_LETTERS


@require_GET
@signed_in
def model_list(request: HttpRequest) -> HttpResponse:
    """All models, the newest first, and which of them is active."""
    actor = actor_of(request)
    require_somewhere(actor, "model.view")
    context = {
        "models": [(model, key_figures(model)) for model in selectors.model_list()],
        "active": selectors.active_model(),
        "fewest_fields": FEWEST_FIELDS,
        "may_see_work": may_somewhere(actor, "work.view"),
    }
    return render(request, "inference/model_list.html", context)


@require_GET
@signed_in
def model_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A model on one screen: what it is for, how well it does, where it fails; its card folded."""
    return _detail(request, pk)


@require_GET
@signed_in
def model_compare(request: HttpRequest) -> HttpResponse:
    """Two models beside each other: their cards, and what both said of this site's images."""
    actor = actor_of(request)
    require_somewhere(actor, "model.view")
    form = TwoModelsForm(request.GET or None)
    context: dict[str, Any] = {"first": None, "second": None}
    if form.is_bound and form.is_valid():
        first, second = form.cleaned_data["first"], form.cleaned_data["second"]
        context = {"first": first, "second": second, "rows": comparison.figure_rows(first, second)}
        if may_somewhere(actor, "model.shadow"):
            context["agreement"] = comparison.shadow_agreement(first, second)
    return form_page(request, "inference/model_compare.html", form, **context)


@require_POST
@signed_in
def model_activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a model judge what is sent from now on."""
    return _change(request, pk, ACTIVATE)


@require_POST
@signed_in
def model_roll_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a model for the one that was active before it."""
    return _change(request, pk, ROLL_BACK)


@require_POST
@signed_in
def model_retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Never use a model again."""
    return _change(request, pk, RETIRE)


@require_POST
@signed_in
def model_shadow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a model judge beside the active one."""
    return _change(request, pk, SHADOW)


@require_POST
@signed_in
def model_unshadow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the shadow of a model."""
    return _change(request, pk, UNSHADOW)


@require_GET
@never_cache
@signed_in
def work_status(request: HttpRequest) -> HttpResponse:
    """Queues, workers, turnaround, failures; HTMX asks for the numbers again every few seconds."""
    require_somewhere(actor_of(request), "work.view")
    whole = "HX-Request" not in request.headers
    page = "inference/work_status.html" if whole else "inference/fragments/work.html"
    return render(request, page, {"work": read_work_status()})


def _change(request: HttpRequest, pk: UUID, change: Change) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, change.action)
    form = _reason_form(change, request.POST)
    model = get_object_or_404(ModelVersion, pk=pk)
    changed = attempt(form, change.service, actor=actor, model=model)
    if changed is None:
        return _detail(request, pk, (change, form))
    messages.success(request, change.done.format(changed))
    return redirect("inference:model_detail", changed.pk)


def _detail(
    request: HttpRequest, pk: UUID, refused: tuple[Change, ReasonForm] | None = None
) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "model.view")
    model = get_object_or_404(ModelVersion, pk=pk)
    forms = {change: _reason_form(change) for change in changes_of(model, actor)}
    if refused:  # also where the model is no longer what it was on the page
        forms[refused[0]] = refused[1]
    told = model.told
    context = {
        "model": model,
        "told": told,
        "purpose": purpose_of(told),
        "figures": five_figures(told),
        "curves": two_curves(told),
        "limits": told.limits,
        "blocks": card_blocks({**model.card, "parity": model.parity}),
        "changes": [(change, form, change.button_for(model)) for change, form in forms.items()],
        "failures": failures_of(model),
        "reason_letters": REASON_LETTERS,
        "activations": activations().filter(model=model),
        **_beside(model, actor),
    }
    form = refused[1] if refused else ReasonForm()
    return form_page(request, "inference/model_detail.html", form, **context)


def _beside(model: ModelVersion, actor: Actor) -> dict[str, Any]:
    """For administrators of the site: a shadow beside the active model; where a roll-back goes."""
    if not may_somewhere(actor, "model.shadow"):
        return {}
    active = selectors.active_model()
    beside: dict[str, Any] = {"before": model_before(), "active": active}
    if active and active != model:
        beside["agreement"] = comparison.shadow_agreement(active, model)
    return beside


def _reason_form(change: Change, data: Any = None) -> ReasonForm:
    """Each form on the page with fields of its own name."""
    return ReasonForm(data, auto_id=f"{change.name}_%s")
