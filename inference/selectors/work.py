"""How the work goes: for the status page and for health checks. Nothing here names a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from inference.choices import RunStatus, WorkerState
from inference.models import AnalysisRun, Worker
from telepath.core.broker import queue_lengths

PERIOD = timedelta(days=1)
ALIVE = timedelta(seconds=30)
LATELY = timedelta(minutes=2)
"""Sweeps come every few seconds, so a worker that took nothing for this long takes nothing."""
QUEUES = {"inference": "analysis of pictures", "cpu": "checks of pictures, reports and mail"}
"""What each queue is for, as people read it."""
FEWEST_FOR_SHARES = 20
"""Of fewer analyses, the slowest says more than "95 of 100"."""

_TURNAROUND = """
    SELECT percentile_cont(ARRAY[0.5, 0.95, 1]) WITHIN GROUP (
        ORDER BY extract(epoch FROM finished_at - created_at)
    )
    FROM inference_analysisrun WHERE status = 'succeeded' AND NOT is_shadow AND finished_at > %s
"""


def queues_unattended() -> list[str]:
    """Queues from which nobody took work lately, although some waits. Three queries.

    In `cpu` the sweeps always wait: beat sends them, so its silence shows here too.
    """
    since = timezone.now() - LATELY
    is_swept = Worker.objects.filter(queues__contains=["cpu"], worked_at__gt=since).exists()
    return [*(() if is_swept else ("cpu",)), *(("inference",) if _runs_wait(since) else ())]


def problem_of_worker(name: str) -> str:
    """Why the worker of this name does not do its work, in words; empty when it does."""
    worker = Worker.objects.filter(name=name).first()
    if worker is None or worker.seen_at < timezone.now() - 2 * ALIVE:
        return f"{name} gives no sign of life."
    unattended = set(worker.queues).intersection(queues_unattended())
    return f"Nobody takes work from: {', '.join(sorted(unattended))}." if unattended else ""


def _runs_wait(since: datetime) -> bool:
    runs = AnalysisRun.with_shadows
    overdue = runs.filter(status=RunStatus.QUEUED, due_at__lt=since)
    held = Q(status=RunStatus.RUNNING, due_at__gt=Now())
    return overdue.exists() and not runs.filter(held | Q(finished_at__gt=since)).exists()


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed runs of one kind, with the sentence that users read."""

    code: str
    count: int
    sentence: str


@dataclass(frozen=True, slots=True)
class WorkerNow:
    """One worker as it is now, and what it does, in words."""

    name: str
    does: list[str]
    state: WorkerState
    worked_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class WorkStatus:
    """Now, and the last 24 hours.

    turnaround_s: (median, 95th percentile, longest) from request to end in seconds, None without
    any run. messages: waiting in each queue of the broker, None while it does not answer.
    """

    at: datetime
    queued: int
    running: int
    oldest: datetime | None
    succeeded: int
    failed: int
    failures: list[Failures]
    turnaround_s: tuple[float, float, float] | None
    workers: list[WorkerNow]
    unserved: list[str]
    messages: Mapping[str, int] | None

    @property
    def are_few(self) -> bool:
        return self.succeeded < FEWEST_FOR_SHARES

    @property
    def stalled(self) -> list[str]:
        """Names of workers that live and take nothing, although work waits."""
        return [one.name for one in self.workers if one.state == WorkerState.STALLED]


def work_status() -> WorkStatus:
    """Eight queries, and one question to the broker, which may take a second when it is away."""
    now = timezone.now()
    workers = _workers(now)
    return WorkStatus(
        at=now,
        **_counts(now),
        failures=_failures(now),
        turnaround_s=_turnaround(now),
        workers=workers,
        unserved=_unserved(workers),
        messages=_messages(),
    )


def _workers(now: datetime) -> list[WorkerNow]:
    unattended = set(queues_unattended())
    return [
        WorkerNow(
            name=worker.name,
            does=[QUEUES.get(queue, queue) for queue in worker.queues],
            state=_state(worker, unattended, now),
            worked_at=worker.worked_at,
            seen_at=worker.seen_at,
        )
        for worker in Worker.objects.order_by("name")
    ]


def _state(worker: Worker, unattended: set[str], now: datetime) -> WorkerState:
    """One that has just begun is not blamed for work that waits."""
    if worker.seen_at <= now - ALIVE:
        return WorkerState.SILENT
    is_old = worker.started_at <= now - ALIVE
    return (
        WorkerState.STALLED if is_old and unattended & set(worker.queues) else WorkerState.WORKING
    )


def _unserved(workers: list[WorkerNow]) -> list[str]:
    """What no living worker does."""
    done = {what for one in workers if one.state != WorkerState.SILENT for what in one.does}
    return [what for what in QUEUES.values() if what not in done]


def _messages() -> dict[str, int] | None:
    lengths = queue_lengths(current_app, QUEUES)
    return None if lengths is None else {QUEUES[name]: n for name, n in lengths.items()}


def _counts(now: datetime) -> dict[str, Any]:
    queued = Q(status=RunStatus.QUEUED)
    recent = Q(finished_at__gt=now - PERIOD)
    return AnalysisRun.objects.aggregate(
        queued=Count("pk", filter=queued),
        running=Count("pk", filter=Q(status=RunStatus.RUNNING)),
        oldest=Min("created_at", filter=queued),
        succeeded=Count("pk", filter=recent & Q(status=RunStatus.SUCCEEDED)),
        failed=Count("pk", filter=recent & Q(status=RunStatus.FAILED)),
    )


def _failures(now: datetime) -> list[Failures]:
    failed = AnalysisRun.objects.filter(status=RunStatus.FAILED, finished_at__gt=now - PERIOD)
    counted = failed.values("error_code").annotate(n=Count("pk"), sentence=Min("error"))
    return [
        Failures(row["error_code"], row["n"], row["sentence"])
        for row in counted.order_by("-n", "error_code")
    ]


def _turnaround(now: datetime) -> tuple[float, float, float] | None:
    with connection.cursor() as cursor:
        cursor.execute(_TURNAROUND, [now - PERIOD])
        (values,) = cursor.fetchone()
    return (values[0], values[1], values[2]) if values else None
