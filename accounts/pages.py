"""What page views of every app lean on: one way for forms, for buttons and for long lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.http import actor_of
from accounts.models import Draft
from accounts.selectors.drafts import draft_of
from telepath.core.errors import DomainError, NotAllowed, NotThere, Overtaken
from telepath.core.forms import ChangeForm, PlainForm

Made = TypeVar("Made")
PAGE_ROWS = 50


def posted(request: HttpRequest) -> Any:
    """What a form was sent with, or None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.Form, service: Callable[..., Made], **known: Any) -> Made | None:
    """Call `service` with what was typed. None when refused: the form then says why, and where."""
    if not form.is_valid():
        return None
    try:
        return service(**known, **form.cleaned_data)
    except (NotThere, NotAllowed):
        raise
    except DomainError as error:
        if isinstance(error, Overtaken) and isinstance(form, ChangeForm):
            form.begin_again(error.now)
        found = getattr(error, "errors", {}) or {"": error.message}
        for field, sentence in found.items():
            form.add_error(field if field in form.fields else None, sentence)
        return None


def act(
    request: HttpRequest, service: Callable[..., object], *, done: str = "", **known: Any
) -> bool:
    """Call `service` for a button; what it says goes to the notices of the next page."""
    try:
        service(actor=actor_of(request), **known)
    except (NotThere, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.message, extra_tags=error.code)
        return False
    if done:
        messages.success(request, done)
    return True


def form_page(
    request: HttpRequest, template: str, form: forms.Form, *, draft: str = "", **context: Any
) -> HttpResponse:
    """A page with one form; 422 when the form was sent and refused.

    draft: the key under which what is typed is kept; what was kept is in the form again.
    """
    refused = form.is_bound and bool(form.errors)
    if draft:
        context |= {"draft_key": draft, "draft": _restore(request, form, draft)}
    return render(request, template, {"form": form, **context}, status=422 if refused else 200)


def _restore(request: HttpRequest, form: forms.Form, key: str) -> Draft | None:
    """Put the draft into a form that was not sent. One that was sent holds newer text itself."""
    draft = None if form.is_bound else draft_of(actor=actor_of(request), key=key)
    if draft:
        kept = form.taken_up(draft.fields) if isinstance(form, PlainForm) else draft.fields
        typed = {name: text for name, text in kept.items() if name in form.fields}
        form.initial = {**form.initial, **{name: _typed(form, name, typed[name]) for name in typed}}
    return draft


def _typed(form: forms.Form, name: str, text: str) -> str | list[str]:
    """What the field makes of a kept text; several choices are kept with commas between."""
    several = getattr(form.fields[name].widget, "allow_multiple_selected", False)
    return text.split(",") if several and text else text


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page that the address asks for; the nearest one when the number is nonsense."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def cursor_of(request: HttpRequest) -> int | None:
    """The event before which a page begins, if the address names one."""
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
