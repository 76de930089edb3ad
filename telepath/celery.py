"""The Celery application. Queues: `cpu` (ingest, reports, mail) and `inference` (the models)."""

from __future__ import annotations

import os
import time

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging, worker_ready
from celery.worker import state
from celery.worker.heartbeat import Heart
from django.conf import settings

from telepath.core import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telepath.settings")

transport.use()
app = Celery("telepath")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _logging_is_djangos(**_: object) -> None:
    """Otherwise Celery puts handlers of its own beside ours, which write everything."""


SIGN_OF_LIFE_SECONDS = 10.0
LOOKS_IN_PATIENCE = 6
_next_sign = 0.0
_taken_at_last_sign = 0


def messages_taken() -> int:
    """By this worker since its start."""
    return int(state.all_total_count[0])


@heartbeat_sent.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _sign_of_life(sender: Heart, **_: object) -> None:
    """Let the status page know that this worker lives, and whether it took work since.

    Runs in the worker's parent between two messages, so no child is forked with an open connection.
    """
    global _next_sign, _taken_at_last_sign
    if time.monotonic() < _next_sign:
        return
    _next_sign = time.monotonic() + SIGN_OF_LIFE_SECONDS
    from inference.services.workers import worker_seen

    taken = messages_taken()
    has_worked = taken != _taken_at_last_sign or bool(state.active_requests)
    _taken_at_last_sign = taken
    queues = sorted(app.amqp.queues.consume_from)
    worker_seen(name=sender.eventer.hostname, queues=queues, has_worked=has_worked)


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _warm_up(**_: object) -> None:
    """A model takes seconds to load: do it before the first picture comes, in the child."""
    if "inference" in app.amqp.queues.consume_from:
        from telepath.core.tasks import enqueue

        enqueue("inference.tasks.warm_up")


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _be_watched(**_: object) -> None:
    from telepath.core.broker import queue_lengths
    from telepath.core.watchdog import Watchdog, watch

    queues = sorted(app.amqp.queues.consume_from)
    patience = float(settings.WORKER_STALL_SECONDS)
    dog = Watchdog(patience=patience, longest=settings.LONGEST_TASK_SECONDS)

    def is_stalled() -> bool:
        lengths = queue_lengths(app, queues)
        return dog.is_stalled(
            taken=messages_taken(),
            is_busy=bool(state.active_requests),
            waiting=None if lengths is None else sum(lengths.values()),
        )

    watch(is_stalled, every=patience / LOOKS_IN_PATIENCE)
