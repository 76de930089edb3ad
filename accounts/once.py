"""Forms that may be sent twice: the second click lands on the result of the first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import redirect

from accounts.actors import Actor
from accounts.services.drafts import draft_discard
from accounts.services.sending import Sending, is_token, sent_once

TOKEN = "form_token"
DRAFT = "draft_key"
_NOT_CONTENT = {TOKEN, DRAFT, "csrfmiddlewaretoken"}

_Rest = ParamSpec("_Rest")
View = Callable[Concatenate[HttpRequest, _Rest], HttpResponseBase]


def once(view: View[_Rest]) -> View[_Rest]:
    """Carry out each rendered form once: token, write and draft in one transaction.

    A form is carried out when the view answers with a redirect, or says by `leads_to` where a
    second click goes; any other answer frees the token for the next try.
    """
    if getattr(view, "manages_itself", False):
        return view

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: _Rest.args, **kwargs: _Rest.kwargs
    ) -> HttpResponseBase:
        token = request.POST.get(TOKEN, "") if request.method == "POST" else ""
        if not is_token(token):
            return view(request, *args, **kwargs)
        sender = str(request.user.pk or "")
        with sent_once(
            sender=sender, address=request.path, token=token, content=_content(request)
        ) as sending:
            if sending.earlier:
                return _the_same(request, sending)
            response = view(request, *args, **kwargs)
            _remember(request, response, sending)
            return response

    guarded.is_once = True  # type: ignore[attr-defined]  # for the test that walks all forms
    return guarded


def repeats_by_itself(view: View[_Rest]) -> View[_Rest]:
    """Mark a view that opens transactions of its own and knows a repetition by what it finds."""
    view.manages_itself = True  # type: ignore[attr-defined]  # our own attribute
    return view


def leads_to(response: HttpResponse, address: str, notice: str) -> HttpResponse:
    """Mark an answer that is no redirect as done; a second click reads `notice` at `address`."""
    response.leads_to = (address, notice)  # type: ignore[attr-defined]  # our own attribute
    return response


def tell_once(request: HttpRequest, level: int, text: str) -> None:
    """Put a notice on the next page, unless the first click's answer has brought it already."""
    if (level, text) not in _waiting_notices(request):
        messages.add_message(request, level, text)


def draft_used(request: HttpRequest, actor: Actor) -> None:
    """What was sent is no draft any more."""
    if key := request.POST.get(DRAFT, ""):
        draft_discard(actor=actor, key=key)


def _content(request: HttpRequest) -> dict[str, list[str]]:
    """What was typed, and of files their digest."""
    typed = {name: texts for name, texts in request.POST.lists() if name not in _NOT_CONTENT}
    return typed | {f"file {name}": [_digest(one)] for name, one in request.FILES.items()}


def _digest(file: Any) -> str:
    digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
    file.seek(0)
    return digest


def _remember(request: HttpRequest, response: HttpResponseBase, sending: Sending) -> None:
    if isinstance(response, HttpResponseRedirectBase):
        sending.result, sending.notices = response.url, _waiting_notices(request)
    elif marked := getattr(response, "leads_to", None):
        sending.result, sending.notices = marked[0], [(messages.WARNING, marked[1])]
    if sending.result:
        actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        if actor.user:
            draft_used(request, actor)


def _waiting_notices(request: HttpRequest) -> list[tuple[int, str]]:
    """Looked at without being taken: the next page still shows them."""
    waiting: Any = messages.get_messages(request)
    told = [(one.level, str(one.message)) for one in waiting]
    waiting.used = False
    return told


def _the_same(request: HttpRequest, sending: Sending) -> HttpResponseBase:
    for level, text in sending.notices:
        tell_once(request, level, text)
    return redirect(sending.result)
