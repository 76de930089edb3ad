"""What every page view leans on: where an error goes, and from which event on a page is fresh."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actors import Actor
from accounts.http import actor_of
from telepath.core.errors import DomainError, NotAllowed, NotThere
from telepath.core.models import AudienceHead

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
        field = getattr(error, "field", None)
        form.add_error(field if field in form.fields else None, error.message)
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
        messages.error(request, error.message)
        return False
    if done:
        messages.success(request, done)
    return True


def form_page(
    request: HttpRequest, template: str, form: forms.Form, **context: Any
) -> HttpResponse:
    """A page with one form; 422 when the form was sent and refused."""
    refused = form.is_bound and bool(form.errors)
    return render(request, template, {"form": form, **context}, status=422 if refused else 200)


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page that the address asks for; the nearest one when the number is nonsense."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def live_marks(audiences: Iterable[str]) -> list[str]:
    """`audience#number` for each. Call it before reading what the page shows: no gap between."""
    wanted = sorted(audiences)
    numbers = dict(AudienceHead.objects.filter(pk__in=wanted).values_list("pk", "last_number"))
    return [f"{audience}#{numbers.get(audience, 0)}" for audience in wanted]


def many_clinics(actor: Actor) -> bool:
    """Whether a list must say of which clinic each row is."""
    return len(actor.submits_for | actor.clinics_read | actor.clinics_overseen) > 1


def live_of_organisations(actor: Actor) -> list[str]:
    """Marks for lists: all organisations of `actor`."""
    return live_marks(f"organisation:{pk}" for pk in actor.organisations)


def back_to_case(pk: object) -> HttpResponse:
    return redirect("cases:case_detail", pk=pk)
