"""Background work: one decorator, one way to enqueue.

The database is the truth about work; a message is only a hint that a row waits. So a task takes
ids, is safe to run twice, and a lost message is found again by a sweep. The cap on attempts stands
in the row too: a message whose worker was killed comes back as often as it kills.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from celery import Task, current_app, shared_task
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.module_loading import import_string

from telepath.core import broker
from telepath.core.errors import GiveUp, RetryLater

logger = logging.getLogger(__name__)

SOFT_SHARE = 0.9
ALONE_SECONDS = 240
"""Well within the limits of the tasks that go on alone."""
_queues: dict[str, str] = {}


def worker_task(
    *,
    queue: str,
    hard_limit: int,
    retry_on: tuple[type[Exception], ...] = (RetryLater,),
    max_retries: int = 3,
) -> Callable[[Callable[..., None]], Task]:
    """Register a task: acknowledged late, ended after `hard_limit` seconds (soft: 0.9 of it).

    Exceptions of `retry_on` are tried again with growing waits; `GiveUp` ends the message quietly,
    because its reason is already in the row that the task worked on.
    """
    _require_visible(hard_limit)

    def register(function: Callable[..., None]) -> Task:
        name = f"{function.__module__}.{function.__name__}"
        _queues[name] = queue
        return shared_task(
            name=name,
            acks_late=True,
            reject_on_worker_lost=True,
            time_limit=hard_limit,
            soft_time_limit=int(hard_limit * SOFT_SHARE),
            autoretry_for=retry_on,
            dont_autoretry_for=(GiveUp,),
            throws=(GiveUp,),
            retry_backoff=True,
            retry_backoff_max=60,
            max_retries=max_retries,
            ignore_result=True,
        )(function)

    return register


def route(name: str, *_: object, **__: object) -> dict[str, str] | None:
    """Celery's router (CELERY_TASK_ROUTES): the queue that `worker_task` named."""
    return {"queue": _queues[name]} if name in _queues else None


def enqueue(name: str, *args: object) -> None:
    """Send a message after the current transaction commits; if it rolls back, nothing is sent.

    name: a task as "app.tasks.function". Tasks import the services that they are doors to, so a
    service only names a task. Raises ImportError at once when there is no such task.
    """
    task = import_string(name)
    transaction.on_commit(lambda: _send(task, args))


def go_on_alone(step: Callable[[], int]) -> None:
    """While the broker is away, take what waits in the tables by `step`, which returns how many.

    Call it at the end of a task: its worker hears of no other work, although that stands in the
    database. Ends when the broker is back, and after `ALONE_SECONDS` in any case.
    """
    until = time.monotonic() + ALONE_SECONDS
    while time.monotonic() < until and broker.is_away(current_app):
        if not step():
            time.sleep(1)


def _send(task: Task, args: tuple[object, ...]) -> None:
    """A broker that is away fails no write that is already committed: the sweep sends it again."""
    if broker.breaker.is_open:
        return
    try:
        broker.send(task, args)
    except broker.BROKER_ERRORS as error:
        broker.breaker.trip()
        logger.warning("broker away (%s): %s%s waits for the sweep", error, task.name, args)


def _require_visible(hard_limit: int) -> None:
    """A message that is worked on beyond the visibility timeout would be delivered again."""
    if hard_limit > settings.LONGEST_TASK_SECONDS:
        raise ImproperlyConfigured(
            f"A task may run for {hard_limit} s, but LONGEST_TASK_SECONDS, from which the broker's "
            f"visibility timeout is made, is {settings.LONGEST_TASK_SECONDS}."
        )
