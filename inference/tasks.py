"""Doors for the workers."""

from __future__ import annotations

from django.db import OperationalError

from inference.services import analysis, runs
from telepath.core.tasks import go_on_alone, worker_task


@worker_task(queue="inference", hard_limit=600, retry_on=(OperationalError,))
def analyse_waiting() -> None:
    """Take what is first in the queue of runs. The queue is the table; this message only wakes."""
    analysis.analyse_waiting()
    go_on_alone(analysis.analyse_waiting)


@worker_task(queue="cpu", hard_limit=60)
def sweep_runs() -> None:
    """Recover runs of dead workers, and wake somebody for those that nobody took."""
    runs.sweep_runs()


@worker_task(queue="inference", hard_limit=300, retry_on=())
def warm_up() -> None:
    """Load the active model before the first picture waits for it."""
    analysis.warm_up()
