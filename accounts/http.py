"""Between a request and the people behind it: who acts, from where, and how to ask to sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actors import Actor, actor_of_user, nobody
from accounts.once import once
from telepath.core.problems import problem, problem_response, wants_json

SIGN_IN_AGAIN = "You are signed out. Sign in again; what was sent before is kept."

_Rest = ParamSpec("_Rest")
View = Callable[Concatenate[HttpRequest, _Rest], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request: a person, a token, or nobody. Pages and API alike."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
    return actor


def load_actor(request: HttpRequest) -> Actor:
    """Read the actor of the session from the database: two queries."""
    where = where_from(request)
    if not request.user.is_authenticated:
        return nobody(**where)
    return actor_of_user(request.user, **where)


def where_from(request: HttpRequest) -> dict[str, str]:
    """Request id and address, as the audit trail keeps them."""
    return {
        "request_id": getattr(request, "request_id", ""),
        "address": address_of(request),
    }


def address_of(request: HttpRequest) -> str:
    """The client's IP address, empty when unknown.

    The server in front of Django settles it: uvicorn believes X-Forwarded-For only from the proxies
    in FORWARDED_ALLOW_IPS, so no header that a client made up arrives here.
    """
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return ""


def signed_in(view: View[_Rest]) -> View[_Rest]:
    """Let only somebody who has signed in reach `view`, and each form of hers only once.

    Everybody else is asked to sign in.
    """
    sent = once(view)

    @wraps(sent)
    def guarded(
        request: HttpRequest, /, *args: _Rest.args, **kwargs: _Rest.kwargs
    ) -> HttpResponseBase:
        if not actor_of(request).is_somebody:
            return ask_to_sign_in(request)
        return sent(request, *args, **kwargs)

    return guarded


def ask_to_sign_in(request: HttpRequest, *, reason: str = "") -> HttpResponse:
    """A redirect for pages, `HX-Redirect` for fragments, a 401 problem for programs."""
    if wants_json(request):
        return problem_response(problem(401, code="signed_out", detail=SIGN_IN_AGAIN))
    query = {"next": _page_to_return_to(request)} | ({"reason": reason} if reason else {})
    address = f"{resolve_url('account_login')}?{urlencode(query)}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_to_return_to(request: HttpRequest) -> str:
    """The page that the person was looking at; never the address of a fragment or of a form."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    shown = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    if not url_has_allowed_host_and_scheme(shown, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(shown)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
