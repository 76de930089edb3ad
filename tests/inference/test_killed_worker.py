"""A real worker on real servers, ended by signal 9 at moments that it cannot choose."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from inference.choices import RUN_ENDED, RunStatus
from inference.models import AnalysisRun, Cell, Worker
from inference.services import runs
from telepath.core.models import LiveEvent
from tests.inference import fakes
from tests.inference.fakes import Order
from tests.live.stack import database_url

pytestmark = [pytest.mark.kills, pytest.mark.django_db(transaction=True)]
LEASE_SECONDS = 2


class RealWorker:
    """A Celery worker for the queue `inference`, with one forked child and the stand-in engine."""

    def __init__(self, media: Path, log: Path) -> None:
        self.log = log
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "MEDIA_ROOT": str(media),
            "ANALYSER_LOADER": fakes.LOADER,
            "RUN_LEASE_SECONDS": str(LEASE_SECONDS),
            "RUN_BATCH": "2",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["-Q", "inference", "-c", "1", "--without-gossip", "--without-mingle"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "telepath", "worker", *options],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """The worker and its child, at once."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_child(self) -> None:
        """Only the child that analyses; its parent starts another."""
        assert self.process
        for child in psutil.Process(self.process.pid).children():
            child.kill()


@pytest.fixture
def worker(tmp_path: Path, settings: Any) -> Iterator[RealWorker]:
    settings.RUN_LEASE_SECONDS = LEASE_SECONDS
    settings.SWEEP_SECONDS = 1
    real = RealWorker(Path(settings.STORAGES["default"]["OPTIONS"]["location"]), tmp_path / "log")
    real.start()
    yield real
    real.kill()


def sweeping_until(question: Callable[[], bool], *, seconds: float = 90) -> None:
    """Ask until yes, and sweep meanwhile, as the scheduler would."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, list(AnalysisRun.objects.values("status", "attempt"))
        runs.sweep_runs()
        time.sleep(0.2)


def is_running() -> bool:
    return AnalysisRun.objects.filter(status=RunStatus.RUNNING).exists()


def all_ended() -> bool:
    return not AnalysisRun.objects.exclude(status__in=RUN_ENDED).exists()


def assert_each_ended_once(made: list[AnalysisRun]) -> None:
    ends = LiveEvent.objects.filter(kind="run.finished").values_list("payload__run_id", flat=True)
    assert Counter(ends) == {str(run.pk): 1 for run in made}
    for run in AnalysisRun.objects.all():
        cells = Cell.objects.filter(run=run).count()
        assert cells == (3 if run.status == RunStatus.SUCCEEDED else 0)


def test_a_worker_killed_in_mid_run_leaves_a_run_that_ends_once(worker, queued):
    run = queued(Order.SLEEP)
    sweeping_until(is_running)

    worker.kill()

    assert AnalysisRun.objects.get().status == RunStatus.RUNNING
    worker.start()
    sweeping_until(all_ended)
    done = AnalysisRun.objects.get()
    assert (done.status, done.attempt) == (RunStatus.SUCCEEDED, 2)
    assert_each_ended_once([run])
    assert Worker.objects.get().queues == ["inference"]


def test_children_killed_at_any_moment_leave_every_run_ended_once(worker, queued):
    moments = random.Random(7)
    made = [queued(Order.SLEEP if n % 6 == 0 else Order.FIND) for n in range(24)]
    sweeping_until(is_running)
    for _ in range(6):
        time.sleep(moments.uniform(0.01, 0.8))
        worker.kill_child()
    sweeping_until(all_ended)
    assert_each_ended_once(made)


def test_a_picture_that_kills_its_worker_each_time_is_given_up(worker, queued):
    run = queued(Order.DIE)
    other = queued()
    sweeping_until(all_ended)
    given_up = AnalysisRun.objects.get(pk=run.pk)
    assert given_up.status == RunStatus.FAILED
    assert given_up.error == "The analysis stopped 3 times without an answer."
    assert AnalysisRun.objects.get(pk=other.pk).status == RunStatus.SUCCEEDED
    assert_each_ended_once([run, other])
