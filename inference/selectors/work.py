"""How the work goes: for the status page. Numbers only; nothing here names a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import connection
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun, Worker
from telepath.core.broker import queue_lengths

PERIOD = timedelta(days=1)
ALIVE = timedelta(seconds=30)
QUEUES = ("inference", "cpu")

_TURNAROUND = """
    SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
        ORDER BY extract(epoch FROM finished_at - created_at)
    )
    FROM inference_analysisrun WHERE status = 'succeeded' AND NOT is_shadow AND finished_at > %s
"""


LATELY = timedelta(minutes=2)
"""Sweeps come every few seconds, so a worker that took nothing for this long takes nothing."""


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
class WorkStatus:
    """Now, and the last 24 hours.

    turnaround_s: (median, 95th percentile) from request to end in seconds, None without any run.
    messages: waiting in each queue of the broker, None while it does not answer.
    """

    at: datetime
    queued: int
    running: int
    oldest_wait: timedelta | None
    succeeded: int
    failed: int
    failures: list[Failures]
    turnaround_s: tuple[float, float] | None
    workers: list[Worker]
    workers_silent: list[Worker]
    messages: dict[str, int] | None

    @property
    def oldest_wait_words(self) -> str:
        """How long the oldest queued run has waited: "40 s", "12 min", "5 h"; empty without one."""
        if self.oldest_wait is None:
            return ""
        seconds = int(self.oldest_wait.total_seconds())
        if seconds < 120:
            return f"{seconds} s"
        return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"

    @property
    def queues_unserved(self) -> list[str]:
        """Queues that no living worker listens to."""
        served = {queue for worker in self.workers for queue in worker.queues}
        return [queue for queue in QUEUES if queue not in served]


def work_status() -> WorkStatus:
    """Five queries, and one question to the broker, which may take a second when it is away."""
    now = timezone.now()
    workers = list(Worker.objects.order_by("name"))
    return WorkStatus(
        at=now,
        **_counts(now),
        failures=_failures(now),
        turnaround_s=_turnaround(now),
        workers=[worker for worker in workers if worker.seen_at > now - ALIVE],
        workers_silent=[worker for worker in workers if worker.seen_at <= now - ALIVE],
        messages=queue_lengths(current_app, QUEUES),
    )


def _counts(now: datetime) -> dict[str, Any]:
    queued = Q(status=RunStatus.QUEUED)
    recent = Q(finished_at__gt=now - PERIOD)
    found = AnalysisRun.objects.aggregate(
        queued=Count("pk", filter=queued),
        running=Count("pk", filter=Q(status=RunStatus.RUNNING)),
        oldest=Min("created_at", filter=queued),
        succeeded=Count("pk", filter=recent & Q(status=RunStatus.SUCCEEDED)),
        failed=Count("pk", filter=recent & Q(status=RunStatus.FAILED)),
    )
    oldest = found.pop("oldest")
    return {**found, "oldest_wait": now - oldest if oldest else None}


def _failures(now: datetime) -> list[Failures]:
    failed = AnalysisRun.objects.filter(status=RunStatus.FAILED, finished_at__gt=now - PERIOD)
    counted = failed.values("error_code").annotate(n=Count("pk"), sentence=Min("error"))
    return [
        Failures(row["error_code"], row["n"], row["sentence"])
        for row in counted.order_by("-n", "error_code")
    ]


def _turnaround(now: datetime) -> tuple[float, float] | None:
    with connection.cursor() as cursor:
        cursor.execute(_TURNAROUND, [now - PERIOD])
        (values,) = cursor.fetchone()
    return (values[0], values[1]) if values else None
