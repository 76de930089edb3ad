"""The Celery application. Queues: `cpu` (ingest, reports, mail) and `inference` (the models)."""

from __future__ import annotations

import os
import time

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready
from celery.worker.heartbeat import Heart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telepath.settings")

app = Celery("telepath")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

SIGN_OF_LIFE_SECONDS = 10.0
_next_sign = 0.0


@heartbeat_sent.connect
def _sign_of_life(sender: Heart, **_: object) -> None:
    """Let the status page know that this worker lives and hears the broker.

    Runs in the worker's parent between two messages, so no child is forked with an open connection.
    """
    global _next_sign
    if time.monotonic() < _next_sign:
        return
    _next_sign = time.monotonic() + SIGN_OF_LIFE_SECONDS
    from inference.services.workers import worker_seen

    worker_seen(name=sender.eventer.hostname, queues=sorted(app.amqp.queues.consume_from))


@worker_ready.connect
def _warm_up(**_: object) -> None:
    """A model takes seconds to load: do it before the first picture comes, in the child."""
    if "inference" in app.amqp.queues.consume_from:
        from telepath.core.tasks import enqueue

        enqueue("inference.tasks.warm_up")
