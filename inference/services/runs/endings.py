"""Every way out of `running`. Each is one conditional UPDATE, so a run ends exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from inference.choices import RUN_OPEN, RunStatus
from inference.engine.types import FieldResult
from inference.models import AnalysisRun, Cell, ModelVersion
from inference.outcomes import kept_of
from inference.selectors import with_model
from inference.services.runs.results import cells_of
from inference.services.runs.shadows import follow_with_shadow
from inference.signals import run_finished
from telepath.core import leases
from telepath.core.errors import RetryLater, WorkError
from telepath.core.events import publish

CANCELLED = "The analysis was cancelled."


@transaction.atomic
def finish_run(run: AnalysisRun, result: FieldResult) -> bool:
    """Keep cells and result, and end the run. False, and nothing kept, if it was taken away."""
    values = {
        "progress": 100,
        "stage": "",
        "result": kept_of(result),
        "timings_ms": dict(result.timings_ms),
    }
    if not _close(leases.held(run), RunStatus.SUCCEEDED, **values):
        return False
    if run.is_shadow:  # its decision is enough to compare
        return True
    Cell.objects.bulk_create(cells_of(run, result), batch_size=500)
    _tell(run.pk)
    follow_with_shadow(run.pk)
    return True


@transaction.atomic
def fail_run(run: AnalysisRun, *, code: str, message: str) -> bool:
    """End the run without a result. `message` is read by users. False if it was taken away."""
    return _fail(leases.held(run), run.pk, code=code, message=message)


def give_back(run: AnalysisRun, problem: WorkError) -> bool:
    """Queue the run again, or fail it when no attempt is left. False if it was taken away.

    A fault that passes costs no attempt: the run rests, and is tried for as long as people wait.
    """
    passes = isinstance(problem, RetryLater)
    if _is_old(run) if passes else run.attempt >= run.max_attempts:
        return fail_run(run, code=problem.code, message=problem.message)
    rest = settings.RUN_RETRY_SECONDS if passes else 0
    why = {"error_code": problem.code, "error": problem.message}
    return requeue(run, rest=rest, counts=not passes, **why)


def requeue(run: AnalysisRun, *, rest: int = 0, counts: bool = True, **why: str) -> bool:
    """Put a run back into the queue, not to be tried for `rest` seconds. False if taken away."""
    return leases.give_back(
        run,
        rest=rest,
        counts=counts,
        status=RunStatus.QUEUED,
        progress=0,
        stage="waiting to be tried again",
        **why,
    )


def _is_old(run: AnalysisRun) -> bool:
    patience = timedelta(minutes=settings.ANALYSIS_PATIENCE_MINUTES)
    return run.created_at + patience < timezone.now()


def cancel_run(run_id: UUID) -> None:
    """Stop a run that nobody needs any more. Does nothing to one that has ended.

    Takes place after the caller's commit: a run that ends locks its own row first and then those of
    its receivers, and a caller who holds one of those must not wait here the other way round.
    """
    transaction.on_commit(lambda: _cancel(run_id))


@transaction.atomic
def _cancel(run_id: UUID) -> None:
    rows = AnalysisRun.objects.filter(pk=run_id, status__in=RUN_OPEN)
    if _close(rows, RunStatus.CANCELLED, error=CANCELLED, error_code="cancelled"):
        _tell(run_id)


def cancel_shadows(model: ModelVersion) -> None:
    """Stop the shadow runs that wait for `model`; one at work ends by itself, and is not told."""
    rows = AnalysisRun.with_shadows.filter(
        is_shadow=True, model_version=model, status=RunStatus.QUEUED
    )
    _close(rows, RunStatus.CANCELLED, error=CANCELLED, error_code="cancelled")


def _fail(rows: QuerySet[AnalysisRun], run_id: UUID, *, code: str, message: str) -> bool:
    if not _close(rows, RunStatus.FAILED, error_code=code, error=message):
        return False
    _tell(run_id)
    return True


def _close(rows: QuerySet[AnalysisRun], status: RunStatus, **values: Any) -> bool:
    return bool(rows.update(status=status, finished_at=Now(), taken_by="", **values))


def _tell(run_id: UUID) -> None:
    """Inside the ending transaction: a receiver that raises undoes the end. Shadows end untold."""
    run = with_model(AnalysisRun.objects.filter(pk=run_id)).first()
    if run is None:
        return
    run_finished.send(sender=AnalysisRun, run=run)
    if run.audience:
        publish(run.audience, "run.finished", {"run_id": str(run.pk), "status": run.status})
