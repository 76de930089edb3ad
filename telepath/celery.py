"""The Celery application. Queues: `cpu` (ingest, reports, mail) and `inference` (the models)."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telepath.settings")

app = Celery("telepath")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
