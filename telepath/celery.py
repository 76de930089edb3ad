"""The Celery application. Queues: `cpu` (ingest, reports, mail) and `inference` (the models)."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

from telepath import workers
from telepath.core import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telepath.settings")

transport.use()
app = Celery("telepath", amqp=transport.EagerAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
workers.connect(app)


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _logging_is_djangos(**_: object) -> None:
    """Otherwise Celery puts handlers of its own beside ours, which write everything."""
