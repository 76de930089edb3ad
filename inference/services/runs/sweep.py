"""What was committed but never ran, and what a dead worker left."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.services.runs.endings import fail_run, requeue
from inference.services.runs.requests import announce_work
from telepath.core import leases

logger = logging.getLogger(__name__)

EXPIRED_AT_ONCE = 200
OUT_OF_ATTEMPTS = "The analysis stopped {attempts} times without an answer."


def sweep_runs() -> int:
    """Put right what is stuck. Safe to run anywhere, any number of times. Returns runs touched."""
    silent = leases.expired(_runs(RunStatus.RUNNING)).values_list("pk", flat=True)
    touched = sum(_recover(pk) for pk in silent[:EXPIRED_AT_ONCE])
    overdue = leases.overdue(_runs(RunStatus.QUEUED)).count()
    announce_work(min(overdue, leases.MESSAGES_AT_ONCE))
    return touched + overdue


def _runs(status: RunStatus) -> QuerySet[AnalysisRun]:
    return AnalysisRun.with_shadows.filter(status=status)


def _recover(pk: UUID) -> bool:
    """In a transaction of its own, so that one run that cannot end holds up no other."""
    try:
        with transaction.atomic():
            run = leases.free(_runs(RunStatus.RUNNING)).filter(pk=pk).first()
            return run is not None and _end_or_requeue(run)
    except Exception:
        logger.exception("run %s could not be recovered; the next sweep tries again", pk)
        return False


def _end_or_requeue(run: AnalysisRun) -> bool:
    if run.attempt >= run.max_attempts:
        message = OUT_OF_ATTEMPTS.format(attempts=run.attempt)
        return fail_run(run, code="attempts", message=message)
    announce_work()
    return requeue(run)
