"""Where pages keep what is being typed."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.http import actor_of, signed_in
from accounts.selectors.drafts import draft_of
from accounts.services import drafts
from telepath.core.errors import Invalid


@require_http_methods(["GET", "PUT", "DELETE", "POST"])
@signed_in
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """What is typed so far: GET, PUT, DELETE it; a POST deletes it and leads back to the page."""
    actor = actor_of(request)
    if request.method == "GET":
        known = draft_of(actor=actor, key=key)
        return JsonResponse(known.fields if known else {})
    if request.method == "PUT":
        typed = _typed(request)
        drafts.draft_keep(actor=actor, key=key, token=typed.pop("form_token", ""), fields=typed)
        return HttpResponse(status=204)
    drafts.draft_discard(actor=actor, key=key)
    return redirect(_back(request)) if request.method == "POST" else HttpResponse(status=204)


def _typed(request: HttpRequest) -> dict[str, str]:
    try:
        typed = json.loads(request.body)
    except ValueError as error:
        raise Invalid("This is not a draft.") from error
    if not isinstance(typed, dict) or not all(isinstance(text, str) for text in typed.values()):
        raise Invalid("This is not a draft.")
    return typed


def _back(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if safe else "/"
