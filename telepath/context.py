"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The actor, the idle time after which the page signs off, and the program's version."""
    return {
        "actor": getattr(request, "actor", None),
        "idle_logoff_seconds": settings.IDLE_LOGOFF_SECONDS,
        "version": settings.VERSION,
    }
