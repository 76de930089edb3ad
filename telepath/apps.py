"""The roof as a Django app: it has no rows, and wires what every process needs."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import pre_migrate


class TelepathConfig(AppConfig):
    name = "telepath"

    def ready(self) -> None:
        """Make our Celery application the one that tasks belong to, in web processes as well.

        Not in `telepath/__init__.py`: the launcher starts from a bare Python, without Celery.
        """
        import_module("telepath.celery")
        pre_migrate.connect(import_module("telepath.upgrades").refuse_going_back)
