"""A worker's turn: claim what waits, analyse it together, end each run."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError

from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.types import FieldInput
from inference.models import AnalysisRun
from inference.selectors import active_model
from inference.services import runs
from inference.services.analysers import analyser_for
from inference.services.inputs import read_input
from telepath.core.errors import GiveUp, RetryLater, WorkError
from telepath.core.leases import kept_alive

logger = logging.getLogger(__name__)

PIXELS_AT_ONCE = 16_000_000
"""Fields of one batch together. What the engine keeps of each takes several times its pixels."""

NO_MODEL = GiveUp(
    "No model is active, so there is no suggestion. An administrator can activate one.",
    code="no_model",
)
TIME_IS_UP = GiveUp(
    "The analysis took too long and was stopped. The image itself is kept and can be read.",
    code="time_limit",
)
NO_MEMORY = GiveUp(
    "The image is too large for the memory of the analysis worker. It is kept and can be read.",
    code="memory",
)
UNKNOWN = GiveUp(
    "The analysis stopped for a reason that is not known yet; it was written to the log. The image "
    "itself is kept and can be read.",
    code="engine",
)
DATABASE_AWAY = RetryLater("The database did not answer.", code="database_away")

Batch = list[tuple[AnalysisRun, FieldInput]]


def analyse_waiting() -> int:
    """Claim up to RUN_BATCH runs and bring each to an end, or back into the queue.

    Returns how many were claimed. Never raises for what one picture or model does: that is the
    outcome of a run.
    """
    claimed = runs.claim_runs(limit=settings.RUN_BATCH)
    if not claimed:
        return 0
    with kept_alive(claimed):
        problem = _attempt(claimed)
        if problem:
            _settle(claimed, problem)
    return len(claimed)


def warm_up() -> None:
    """Bring the active model into this process and through its first, slow picture."""
    model = active_model()
    if model is None:
        return
    try:
        picture = render_field(FieldSpec(320, 240), seed=0).rgb
        analyser_for(model).analyse_batch([FieldInput(picture)])
    except RetryLater as problem:
        logger.warning("no warm-up: %s", problem.message)


def _attempt(claimed: Sequence[AnalysisRun]) -> WorkError | None:
    """Analyse all; the problem that stopped the whole batch, or None."""
    try:
        _analyse(claimed)
    except runs.LeaseLost:
        logger.info("cancelled or taken over: %s", [str(run.pk) for run in claimed])
    except WorkError as problem:
        return problem
    except SoftTimeLimitExceeded:
        return TIME_IS_UP
    except MemoryError:
        return NO_MEMORY
    except OperationalError:
        logger.warning("database away in the middle of a batch", exc_info=True)
        return DATABASE_AWAY
    except Exception:
        logger.exception("analysis of %s failed", [str(run.pk) for run in claimed])
        return UNKNOWN
    return None


def _settle(claimed: Sequence[AnalysisRun], problem: WorkError) -> None:
    """End every run that has not ended yet. After a failure in company, each is tried alone."""
    alone = len(claimed) == 1
    for run in claimed:
        if problem is NO_MODEL or (alone and not isinstance(problem, RetryLater)):
            runs.fail_run(run, code=problem.code, message=problem.message)
        else:
            runs.give_back(run, problem)


def _analyse(claimed: Sequence[AnalysisRun]) -> None:
    model = claimed[0].model_version
    if model is None:
        raise NO_MODEL
    analyser = analyser_for(model)
    for batch in _batches(claimed):
        batch_runs = [run for run, _ in batch]
        fields = [field for _, field in batch]
        results = analyser.analyse_batch(fields, runs.ProgressWriter(batch_runs))
        for run, result in zip(batch_runs, results, strict=True):
            runs.finish_run(run, result)


def _batches(claimed: Sequence[AnalysisRun]) -> Iterator[Batch]:
    """Readable fields, as many together as memory allows. Runs of others are ended on the way."""
    batch: Batch = []
    pixels = 0
    for run in claimed:
        field = _field_of(run)
        if field is None:
            continue
        size = field.rgb.shape[0] * field.rgb.shape[1]
        if batch and pixels + size > PIXELS_AT_ONCE:
            yield batch
            batch, pixels = [], 0
        batch.append((run, field))
        pixels += size
    if batch:
        yield batch


def _field_of(run: AnalysisRun) -> FieldInput | None:
    try:
        return read_input(run)
    except RetryLater as problem:
        runs.give_back(run, problem)
    except GiveUp as problem:
        runs.fail_run(run, code=problem.code, message=problem.message)
    return None
