"""Around every request: who acts, and whether the person is still there."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.http import ask_to_sign_in, load_actor

Handler = Callable[[HttpRequest], HttpResponse]

LAST_ACTIVE = "last_active"
_GRAIN = 20
"""The time of the last activity is stored to 1/20 of the idle time, to spare writes."""


class ActorMiddleware:
    """`request.actor`: loaded from the database when first asked for, once a request."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: load_actor(request))  # type: ignore[attr-defined]  # our own attribute
        return self.get_response(request)


class NoStoreMiddleware:
    """No page is kept by the browser unless its view says so.

    Otherwise "back" would show a patient to the next person at the same screen, after signing out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class IdleLogoffMiddleware:
    """Sign off a session in which nobody did anything for IDLE_LOGOFF_SECONDS.

    A request with `X-Background: 1` (polling, refreshes by the page itself) is no activity: a page
    left open must not keep a session alive.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if self._idle_for(request) > settings.IDLE_LOGOFF_SECONDS:
                return self._sign_off(request)
            self._note_activity(request)
        return self.get_response(request)

    def _idle_for(self, request: HttpRequest) -> float:
        return time.time() - float(request.session.get(LAST_ACTIVE, time.time()))

    def _note_activity(self, request: HttpRequest) -> None:
        is_new = LAST_ACTIVE not in request.session
        is_background = request.headers.get("X-Background") == "1"
        grain = settings.IDLE_LOGOFF_SECONDS / _GRAIN
        if is_new or (not is_background and self._idle_for(request) > grain):
            request.session[LAST_ACTIVE] = time.time()

    def _sign_off(self, request: HttpRequest) -> HttpResponse:
        request.sign_out_reason = "idle"  # type: ignore[attr-defined]  # read by accounts.receivers
        logout(request)
        if request.path in {reverse("account_login"), reverse("account_logout")}:
            return self.get_response(request)
        return ask_to_sign_in(request, reason="idle")
