"""One worker at a time on one row, for every kind of work.

A row that stands for work carries three columns. While nobody has it, it may be taken once `due_at`
has passed. Taken, it is its holder's until `due_at`, which moves on while the holder lives; once
that has passed the holder is dead, and the row may be taken again. `attempt` grows with each
taking, and each write of a holder names its attempt, so one that woke up late changes nothing.

Which rows still are work, how often one is tried and what becomes of it then, say the services.
Time is the database's: the clocks of workers differ.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, TypeVar

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from telepath.core.errors import RetryLater
from telepath.core.tasks import enqueue

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 4
PASSING = (RetryLater, OperationalError, InterfaceError)
"""Faults that pass by themselves: the store or the database was away."""
LONG_REST_SECONDS = 900
"""After a defect, for work that nobody may give up: it is tried again, but not all the time."""
MESSAGES_AT_ONCE = 20
"""Enough to wake every worker, and not so many that doubles fill the broker."""


class Leased(models.Model):
    """The columns of a row that one worker at a time has in hand."""

    attempt = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Takings so far.")
    due_at = models.DateTimeField(db_default=Now(), help_text="Free: not before. Taken: until.")
    taken_by = models.CharField(
        max_length=80, default="", db_default="", help_text="Machine and process; empty: nobody."
    )

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Leased)


def free(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of `rows` that may be taken, locked; what another takes at this moment is left out."""
    locked = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return locked.filter(due_at__lte=Now())


def take(row: Leased, **values: Any) -> None:
    """Make a row that `free` has locked one's own. values: columns that the taking sets."""
    row.attempt, row.taken_by = row.attempt + 1, f"{socket.gethostname()}:{os.getpid()}"[:80]
    _of(row).update(attempt=row.attempt, taken_by=row.taken_by, due_at=_lease_end(), **values)


@transaction.atomic
def claim(rows: QuerySet[Row], *, limit: int = 1) -> list[Row]:
    """Take the first of `rows` in their order, at most `limit`. Any number may claim at once."""
    taken = list(free(rows)[:limit])
    for row in taken:
        take(row)
    return taken


def held(row: Row) -> QuerySet[Row]:
    """The row if this attempt still holds it, otherwise no row. Start of each write of a holder."""
    return _of(row).filter(attempt=row.attempt, taken_by=row.taken_by).exclude(taken_by="")


def renew(row: Leased, **values: Any) -> bool:
    """Prolong the lease. False when this attempt no longer holds the row."""
    return bool(held(row).update(due_at=_lease_end(), **values))


def end(row: Leased, **values: Any) -> bool:
    """Write how the work came out, and let go. False, and nothing written, if it was taken away."""
    return bool(held(row).update(taken_by="", **values))


def give_back(row: Leased, *, rest: float = 0, counts: bool = True, **values: Any) -> bool:
    """Let go of unfinished work, to be taken again after `rest` seconds. False as in `renew`."""
    after = Now() + timedelta(seconds=rest)
    attempt = row.attempt if counts else row.attempt - 1
    return bool(held(row).update(taken_by="", due_at=after, attempt=attempt, **values))


@contextmanager
def at_work(row: Leased, *, rest: float = 0) -> Iterator[None]:
    """Hold a taken row meanwhile. A fault gives it back, to rest for so many seconds.

    One that passes neither counts nor rests.
    """
    with kept_alive([row]):
        try:
            yield
        except PASSING:
            give_back(row, counts=False)
            raise
        except Exception:
            give_back(row, rest=rest)
            raise


@contextmanager
def kept_alive(rows: Sequence[Leased]) -> Iterator[None]:
    """Renew the leases from a thread: one long step says nothing for a while.

    A worker that hangs is ended by the task's hard limit, and the thread with it.
    """
    stop = Event()
    thread = Thread(target=_beat, args=(rows, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def expired(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those whose holder went silent, the longest silent first."""
    return rows.filter(due_at__lt=Now()).exclude(taken_by="").order_by("due_at")


def overdue(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those that nobody took for longer than a message needs, and those of silent holders."""
    grace = timedelta(seconds=settings.SWEEP_SECONDS)
    lost = Q(due_at__lt=Now() - grace) | Q(~Q(taken_by=""), due_at__lt=Now())
    return rows.filter(lost).order_by("due_at")


def wake(rows: QuerySet[Row], task: str) -> int:
    """Send `task` for those of `rows` whose message was lost. Returns how many were sent."""
    keys = list(overdue(rows).values_list("pk", flat=True)[:MESSAGES_AT_ONCE])
    for key in keys:
        enqueue(task, key)
    return len(keys)


def _of(row: Row) -> QuerySet[Row]:
    return type(row)._base_manager.filter(pk=row.pk)  # a default manager may hide rows


def _lease_end() -> Combinable:
    return Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)


def _beat(rows: Sequence[Leased], stop: Event) -> None:
    try:
        while not stop.wait(settings.RUN_LEASE_SECONDS / BEATS_PER_LEASE):
            _renew_all(rows)
    finally:
        connection.close()


def _renew_all(rows: Sequence[Leased]) -> None:
    try:
        for row in rows:
            renew(row)
    except DatabaseError:
        logger.warning("leases could not be renewed; trying again", exc_info=True)
