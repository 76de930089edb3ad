"""What a worker does besides its tasks: it shows that it lives and works, and watches itself.

Rows are written between two messages in the worker's parent, and the connection is closed at once,
so that no child is forked with an open one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_init,
    heartbeat_sent,
    worker_ready,
    worker_shutdown,
)
from celery.worker import state
from django.conf import settings

from telepath.core import watchdog

SIGN_OF_LIFE_SECONDS = 10.0
LOOKS_IN_PATIENCE = 6
FIRST_TASKS = {
    # A model takes seconds to load: before the first picture comes, in the child.
    "inference": ("inference.tasks.warm_up",),
    # What waited for a worker is found now, not when the scheduler comes round.
    "cpu": ("cases.tasks.sweep_images", "inference.tasks.sweep_runs"),
}


def connect(app: Celery) -> None:
    """Let this process, should it become a worker or the scheduler, show its life."""
    worker = _Worker(app)
    for signal, receiver in (
        (celeryd_init, lambda **_: watchdog.keep_showing_life()),
        (worker_ready, worker.begin),
        (heartbeat_sent, worker.show),
        (worker_shutdown, worker.leave),
        # The scheduler's life is what it sends, or tries to.
        (beat_init, lambda **_: before_task_publish.connect(_show_life, weak=False)),
    ):
        signal.connect(receiver, weak=False)


def messages_taken() -> int:
    """By this worker since its start."""
    return int(state.all_total_count[0])


def _show_life(**_: object) -> None:
    watchdog.show_life()


class _Worker:
    """This process as a worker: its row for the status page, and its watchdog."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._name = ""
        self._next = 0.0
        self._taken = 0
        self._had_worked = False

    @property
    def _queues(self) -> list[str]:
        return sorted(self._app.amqp.queues.consume_from)

    def begin(self, sender: Any, **_: object) -> None:
        from inference.services.workers import worker_began
        from telepath.core.tasks import enqueue

        self._name = str(sender.hostname)
        patience = float(settings.WORKER_STALL_SECONDS)
        watchdog.watch(self._is_stalled_after(patience), every=patience / LOOKS_IN_PATIENCE)
        # The database may be away: then what follows fails, and the next signs make up for it.
        for queue in self._queues:
            for task in FIRST_TASKS.get(queue, ()):
                enqueue(task)
        worker_began(name=self._name, queues=self._queues)

    def show(self, **_: object) -> None:
        """Now and then, and at once when the first work was taken: whether there was any."""
        has_worked = messages_taken() != self._taken or bool(state.active_requests)
        is_news = has_worked and not self._had_worked
        if not self._name or (time.monotonic() < self._next and not is_news):
            return
        from inference.services.workers import worker_seen

        self._next = time.monotonic() + SIGN_OF_LIFE_SECONDS
        self._taken, self._had_worked = messages_taken(), has_worked
        worker_seen(name=self._name, queues=self._queues, has_worked=has_worked)

    def leave(self, **_: object) -> None:
        """At an orderly end; who dies otherwise stays in the list, silent."""
        from inference.services.workers import worker_left

        if self._name:
            worker_left(name=self._name)

    def _is_stalled_after(self, patience: float) -> Callable[[], bool]:
        from telepath.core.broker import queue_lengths

        dog = watchdog.Watchdog(patience=patience, longest=settings.LONGEST_TASK_SECONDS)

        queues = self._queues  # of the start: what it no longer takes from still waits for it

        def is_stalled() -> bool:
            lengths = queue_lengths(self._app, queues)
            return dog.is_stalled(
                taken=messages_taken(),
                is_busy=bool(state.active_requests),
                waiting=None if lengths is None else sum(lengths.values()),
            )

        return is_stalled
