"""The broker, for those who send: quick to give up, because the database keeps the truth.

Left alone, Celery waits 6 seconds when Redis refuses and 10 when it is silent, for each message.
Someone whose write is already committed must not wait for that, so sending has its own connection
with short waits, and after a failure nobody asks again for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from celery import Celery, Task
from kombu.connection import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers

PATIENCE_SECONDS = 1.0
REST_SECONDS = 3.0

_QUICK: Mapping[str, Any] = {
    "socket_timeout": PATIENCE_SECONDS,
    "socket_connect_timeout": PATIENCE_SECONDS,
    "max_retries": 0,
    "interval_start": 0,
}
BROKER_ERRORS = (KombuError, OSError)


class Breaker:
    """After a failure, says to leave somebody alone for `rest` seconds. One for each process."""

    def __init__(self, rest: float = REST_SECONDS) -> None:
        self.rest = rest
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._until

    def trip(self) -> None:
        self._until = time.monotonic() + self.rest

    def close(self) -> None:
        self._until = 0.0


breaker = Breaker()
"""Of the broker itself: who has just found it away need not ask again, nor need anybody else."""


def quick_connection(app: Celery) -> Connection:
    """A connection description that fails within about a second instead of trying again."""
    described: Connection = app.connection_for_write(transport_options=dict(_QUICK))
    return described


def send(task: Task, args: Iterable[object]) -> None:
    """Publish one message. Raises one of `BROKER_ERRORS` within about a second when that fails."""
    pool = producers[quick_connection(task.app)]
    with pool.acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
        task.apply_async(args=[str(value) for value in args], producer=producer, retry=False)


def is_away(app: Celery) -> bool:
    """Whether the broker does not answer, or just did not; asked within about a second."""
    if not breaker.is_open and queue_lengths(app, ()) is None:
        breaker.trip()
    return breaker.is_open


def queue_lengths(app: Celery, names: Iterable[str]) -> dict[str, int] | None:
    """Messages that wait in each queue, or None while the broker does not answer."""
    try:
        with quick_connection(app) as connection:
            channel = connection.default_channel
            return {name: channel.client.llen(name) for name in names}
    except BROKER_ERRORS:
        return None
