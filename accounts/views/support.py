"""What the views of this app lean on: one way for forms, one way for buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.http import actor_of
from telepath.core.errors import DomainError, NotAllowed, NotThere

_Made = TypeVar("_Made")


def posted(request: HttpRequest) -> Any:
    """What a form was sent with; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.Form, service: Callable[..., _Made], **known: Any) -> _Made | None:
    """Call `service` with what was typed. None when refused: the form says why, at its field."""
    if not form.is_valid():
        return None
    try:
        return service(**known, **form.cleaned_data)
    except (NotThere, NotAllowed):
        raise
    except DomainError as error:
        field = getattr(error, "field", None)
        form.add_error(field if field in form.fields else None, error.message)
        return None


def act(request: HttpRequest, service: Callable[..., object], *, done: str, **known: Any) -> None:
    """Call `service` for a button; its refusal is a notice on the next page."""
    try:
        service(actor=actor_of(request), **known)
    except (NotThere, NotAllowed):
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)


def form_page(
    request: HttpRequest, template: str, form: forms.Form, **context: Any
) -> HttpResponse:
    """A page with one form; 422 when the form was sent and refused."""
    refused = form.is_bound and bool(form.errors)
    return render(request, template, {"form": form, **context}, status=422 if refused else 200)
