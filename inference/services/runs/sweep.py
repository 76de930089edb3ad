"""What was committed but never ran, and what a dead worker left."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.services.runs.endings import fail_expired, requeue
from inference.services.runs.requests import announce_work

logger = logging.getLogger(__name__)

EXPIRED_AT_ONCE = 200
MESSAGES_AT_ONCE = 20
"""Enough to wake every worker; each message takes a batch, and the next sweep sends more."""


def sweep_runs() -> int:
    """Put right what is stuck. Safe to run anywhere, any number of times. Returns runs touched."""
    touched = sum(_recover(run) for run in _expired()[:EXPIRED_AT_ONCE])
    overdue = _overdue().count()
    if overdue:
        announce_work(min(overdue, MESSAGES_AT_ONCE))
    return touched + overdue


def _expired() -> QuerySet[AnalysisRun]:
    return AnalysisRun.with_shadows.filter(
        status=RunStatus.RUNNING, lease_until__lt=Now()
    ).order_by("lease_until")


def _overdue() -> QuerySet[AnalysisRun]:
    """Queued for longer than a message needs, or in a long queue: doubled messages do no harm."""
    grace = timedelta(seconds=settings.SWEEP_SECONDS)
    return AnalysisRun.with_shadows.filter(status=RunStatus.QUEUED, available_at__lt=Now() - grace)


def _recover(run: AnalysisRun) -> bool:
    """In a transaction of its own, so that one run that cannot end holds up no other."""
    same = _expired().filter(pk=run.pk, attempt=run.attempt)
    try:
        with transaction.atomic():
            if run.attempt >= run.max_attempts:
                return fail_expired(run, same)
            if requeue(same):
                announce_work()
                return True
            return False
    except Exception:
        logger.exception("run %s could not be recovered; the next sweep tries again", run.pk)
        return False
