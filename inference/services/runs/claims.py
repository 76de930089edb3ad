"""Which runs a worker takes, and with which model."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun, ModelVersion
from inference.selectors import active_model, with_model
from telepath.core import leases


@transaction.atomic
def claim_runs(*, limit: int) -> list[AnalysisRun]:
    """Take the first run of the queue, and up to `limit` - 1 fresh ones of the same model with it.

    A run that was tried before is taken alone: whatever it did to its worker, it does to no other.
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


def _waiting() -> QuerySet[AnalysisRun]:
    queued = AnalysisRun.with_shadows.filter(status=RunStatus.QUEUED)
    return with_model(leases.free(queued)).order_by("-priority", "created_at")


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
    run.status, run.model_version = RunStatus.RUNNING, model
    leases.take(
        run,
        status=run.status,
        model_version=model,
        started_at=Now(),
        progress=0,
        stage="",
        error="",
        error_code="",
    )
