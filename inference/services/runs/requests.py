"""Asking for a run."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from inference.models import AnalysisRun
from inference.selectors import active_model
from telepath.core.tasks import enqueue


@transaction.atomic
def request_run(
    *,
    input_key: str,
    input_sha256: str,
    input_mpp: float | None = None,
    audience: str = "",
    priority: int = 0,
) -> AnalysisRun:
    """Queue one stored image for the model that is active now. The message goes after the commit.

    input_key: storage key. input_sha256: what the stored bytes must hash to. input_mpp: microns per
    pixel, None when unknown. audience: live-event audience that hears of progress. priority: higher
    first. The model is named here, so that all fields of one submission meet the same one; when
    none is active yet, the run takes the one that is at its claim.
    """
    run = AnalysisRun.objects.create(
        model_version=active_model(),
        input_key=input_key,
        input_sha256=input_sha256,
        input_mpp=input_mpp,
        audience=audience,
        priority=priority,
        max_attempts=settings.RUN_MAX_ATTEMPTS,
    )
    announce_work()
    return run


def announce_work(messages: int = 1) -> None:
    """Wake up to `messages` workers after the commit; each takes what is first in the queue."""
    for _ in range(messages):
        enqueue("inference.tasks.analyse_waiting")
