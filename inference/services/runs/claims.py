"""Who may write to a run: the holder of its present attempt, until the lease ends."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun, ModelVersion
from inference.selectors import active_model, with_model


def held(run: AnalysisRun) -> QuerySet[AnalysisRun]:
    """The row of `run` if this attempt still holds it; otherwise no row. Start of every write."""
    return AnalysisRun.with_shadows.filter(pk=run.pk, attempt=run.attempt, status=RunStatus.RUNNING)


def lease_end() -> Combinable:
    """When a lease taken now runs out, by the database's clock: those of workers may differ."""
    return Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)


@transaction.atomic
def claim_runs(*, limit: int) -> list[AnalysisRun]:
    """Take the first run of the queue, and up to `limit` - 1 fresh ones of the same model with it.

    A run that was tried before is taken alone: whatever it did to its worker, it does to no other.
    Rows that another worker is taking at this moment are passed over.
    """
    first = _waiting().first()
    if first is None:
        return []
    company = [] if first.attempt else _company(first, limit - 1)
    active = active_model()
    runs = [first, *company]
    for run in runs:
        _begin(run, _model_for(run, active))
    return runs


def renew(run: AnalysisRun) -> bool:
    """Prolong the lease of `run`. False when this attempt no longer holds it."""
    return bool(held(run).update(lease_until=lease_end(), heartbeat_at=Now()))


def _waiting() -> QuerySet[AnalysisRun]:
    return (
        with_model(AnalysisRun.with_shadows.select_for_update(skip_locked=True, of=("self",)))
        .filter(status=RunStatus.QUEUED, available_at__lte=Now())
        .order_by("-priority", "created_at")
    )


def _company(first: AnalysisRun, limit: int) -> list[AnalysisRun]:
    fresh = _waiting().filter(attempt=0, priority=first.priority).exclude(pk=first.pk)
    if first.model_version_id is None:
        return list(fresh.filter(model_version__isnull=True)[:limit])
    return list(fresh.filter(model_version=first.model_version_id)[:limit])


def _model_for(run: AnalysisRun, active: ModelVersion | None) -> ModelVersion | None:
    """The model that the run was asked for; the active one if there was none, or it was retired.

    Only the shadow answers for a shadow run: when that has ended, no model does.
    """
    wanted = run.model_version
    if run.is_shadow:
        return wanted if wanted and wanted.status == ModelStatus.SHADOW else None
    return wanted if wanted and wanted.status != ModelStatus.RETIRED else active


def _begin(run: AnalysisRun, model: ModelVersion | None) -> None:
    run.status, run.attempt, run.model_version = RunStatus.RUNNING, run.attempt + 1, model
    AnalysisRun.with_shadows.filter(pk=run.pk).update(
        status=run.status,
        attempt=run.attempt,
        model_version=model,
        lease_until=lease_end(),
        heartbeat_at=Now(),
        started_at=Now(),
        progress=0,
        stage="",
        error="",
        error_code="",
    )
