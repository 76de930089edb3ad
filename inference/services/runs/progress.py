"""While a worker works, whoever watches sees how far it is."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction

from inference.models import AnalysisRun
from telepath.core import leases
from telepath.core.events import publish

PAUSE_SECONDS = 0.5


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
    if not leases.renew(run, **values):
        return False
    if run.audience:
        payload = {"run_id": str(run.pk), "attempt": run.attempt, **values}
        publish(run.audience, "run.progress", payload)
    return True
