"""`manage.py worker_health`: does this worker do its work? For the health check of a container."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, CommandParser

from inference.selectors.work import problem_of_worker
from telepath.core.commands import ExampleCommand


class Command(ExampleCommand):
    help = "Exit status 0 when the worker lives and work is taken from its queues, else 1 and why."
    examples = "manage.py worker_health cpu@$HOSTNAME"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as given to `celery worker -n`, with the host's name")

    def handle(self, *_: Any, **options: Any) -> None:
        if problem := problem_of_worker(options["name"]):
            raise CommandError(problem)
