"""A second opinion that nobody waits for: the shadow model on an image that the active one read."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun
from inference.selectors import shadow_model
from inference.services.runs.requests import announce_work

LOWEST = -32_768
"""Of all priorities: any run that somebody waits for goes first."""


def follow_with_shadow(run_id: UUID) -> None:
    """After the commit that ends a run well, so that no fault of a shadow can reach that end."""
    transaction.on_commit(lambda: request_shadow(run_id), robust=True)


@transaction.atomic
def request_shadow(run_id: UUID) -> AnalysisRun | None:
    """Queue the shadow of a run of the active model; None without a shadow, or in a rush.

    It is tried once: whatever stops it matters to nobody.
    """
    shadow = shadow_model()
    if shadow is None or _queued() >= settings.SHADOW_QUEUE:
        return None
    run = AnalysisRun.objects.filter(
        pk=run_id, status=RunStatus.SUCCEEDED, model_version__status=ModelStatus.ACTIVE
    ).first()
    if run is None:
        return None
    shadow_run = AnalysisRun.with_shadows.create(
        is_shadow=True,
        shadow_of=run,
        model_version=shadow,
        input_key=run.input_key,
        input_sha256=run.input_sha256,
        input_mpp=run.input_mpp,
        priority=LOWEST,
        max_attempts=1,
    )
    announce_work()
    return shadow_run


def _queued() -> int:
    return AnalysisRun.with_shadows.filter(status=RunStatus.QUEUED).count()
