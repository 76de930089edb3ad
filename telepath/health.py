"""Two questions that machines ask: does this process answer, and could somebody work here now?"""

from __future__ import annotations

from collections.abc import Callable

from celery import current_app
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inference.selectors.work import queues_unattended
from telepath.core import broker, storage
from telepath.core.away import unavailable
from telepath.core.errors import Unavailable
from telepath.upgrades import is_current

OLDER = "older than this program: run manage.py migrate"


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 while this process answers at all; asks nobody. For whoever starts it again."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all that work needs answers, else 503 with what does not. For whoever watches.

    People can still work without the broker, and read without workers, so it is no reason to keep
    them from this process.
    """
    checks = {name: _outcome(ask) for name, ask in _QUESTIONS.items()}
    is_ready = set(checks.values()) == {"ok"}
    body = {"status": "ready" if is_ready else "not ready", **checks}
    response = JsonResponse(body, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = str(Unavailable.wait)
    return response


def _outcome(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except Exception as error:
        if unavailable(error):
            return "away"
        raise


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok" if is_current() else OLDER


def _broker() -> str:
    return "away" if broker.is_away(current_app) else "ok"


def _storage() -> str:
    storage.ask()
    return "ok"


def _work() -> str:
    if not is_current():
        return OLDER
    unattended = queues_unattended()
    return f"nobody takes work from: {', '.join(unattended)}" if unattended else "ok"


_QUESTIONS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "storage": _storage,
    "work": _work,
}
