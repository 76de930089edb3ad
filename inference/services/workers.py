"""Signs of life of workers, each on a connection of its own: no worker forks with an open one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from inference.models import Worker

FORGET_AFTER = timedelta(days=1)


def worker_began(*, name: str, queues: list[str]) -> None:
    """A worker listens from now on; whoever had its name before is gone."""
    now = timezone.now()
    with _closed_at_once():
        Worker.objects.update_or_create(
            name=name,
            defaults={"queues": queues, "started_at": now, "seen_at": now, "worked_at": None},
        )


def worker_seen(*, name: str, queues: list[str], has_worked: bool = False) -> None:
    """Note that a worker lives, and forget those long gone.

    has_worked: since its last sign it took work, or had some in hand. Living alone proves little.
    """
    now = timezone.now()
    seen = {"queues": queues, "seen_at": now} | ({"worked_at": now} if has_worked else {})
    with _closed_at_once():
        Worker.objects.update_or_create(name=name, defaults=seen)
        Worker.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()


def worker_left(*, name: str) -> None:
    """A worker was told to stop, and does."""
    with _closed_at_once():
        Worker.objects.filter(name=name).delete()


@contextmanager
def _closed_at_once() -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()
