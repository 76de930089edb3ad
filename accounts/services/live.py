"""Ending what is open in a browser, after the current transaction commits."""

from __future__ import annotations

from django.db import transaction

from telepath.core.events import hint


def close_sockets(audience: str) -> None:
    """Close the live sockets of an audience. Whoever may still look connects again by itself."""
    transaction.on_commit(lambda: hint(audience, {"type": "live.close"}))
