"""Signs of life."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from inference.models import Worker

FORGET_AFTER = timedelta(days=1)


def worker_seen(*, name: str, queues: list[str], has_worked: bool = False) -> None:
    """Note that a worker lives, forget those long gone, and close the connection.

    has_worked: since its last sign it took work, or had some in hand. Living alone proves little.

    Called between two messages by the worker's parent process, which must not hold a connection
    when it forks.
    """
    now = timezone.now()
    try:
        seen = {"queues": queues, "seen_at": now} | ({"worked_at": now} if has_worked else {})
        Worker.objects.update_or_create(name=name, defaults=seen)
        Worker.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()
    finally:
        connection.close()
