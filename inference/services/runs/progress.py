"""While a worker works: the lease is kept, and whoever watches sees how far it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from inference.models import AnalysisRun
from inference.services.runs.claims import held, lease_end, renew
from telepath.core.events import publish

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
BEATS_PER_LEASE = 4


class LeaseLost(Exception):
    """No run of this batch belongs to this worker any more, so its work would be thrown away."""


class ProgressWriter:
    """Called by the engine with a share (0 to 1) and a stage; writes at most twice a second.

    Raises LeaseLost when all runs of the batch were cancelled or given to somebody else.
    """

    def __init__(self, runs: Sequence[AnalysisRun]) -> None:
        self._runs = runs
        self._next = 0.0

    def __call__(self, share: float, stage: str) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE_SECONDS
        percent = max(0, min(99, int(share * 100)))
        kept = [_write(run, percent, stage) for run in self._runs]
        if not any(kept):
            raise LeaseLost


@transaction.atomic
def _write(run: AnalysisRun, percent: int, stage: str) -> bool:
    values = {"progress": percent, "stage": stage[:60]}
    if not held(run).update(lease_until=lease_end(), heartbeat_at=Now(), **values):
        return False
    if run.audience:
        payload = {"run_id": str(run.pk), "attempt": run.attempt, **values}
        publish(run.audience, "run.progress", payload)
    return True


@contextmanager
def kept_alive(runs: Sequence[AnalysisRun]) -> Iterator[None]:
    """Renew the leases from a thread: loading a model or one long step says nothing for a while.

    A worker that hangs is ended by the task's hard limit, and the thread with it.
    """
    stop = Event()
    thread = Thread(target=_beat, args=(runs, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(runs: Sequence[AnalysisRun], stop: Event) -> None:
    try:
        while not stop.wait(settings.RUN_LEASE_SECONDS / BEATS_PER_LEASE):
            _renew_all(runs)
    finally:
        connection.close()


def _renew_all(runs: Sequence[AnalysisRun]) -> None:
    try:
        for run in runs:
            renew(run)
    except DatabaseError:
        logger.warning("leases could not be renewed; trying again", exc_info=True)
