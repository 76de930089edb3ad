"""A worker's row: from its start, by what it takes, until its orderly end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery import current_app

from inference.models import Worker
from telepath import workers
from telepath.workers import _Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.setattr("telepath.core.watchdog.watch", lambda *_, **__: None)
    told: list[str] = []
    monkeypatch.setattr("telepath.core.tasks.enqueue", told.append)
    monkeypatch.setattr(workers, "messages_taken", lambda: taken[0])
    taken = [0]
    monkeypatch.setattr(_Worker, "_queues", ["cpu"])
    one = _Worker(current_app)
    one.take = lambda: taken.__setitem__(0, taken[0] + 1)
    one.told = told
    one.begin(sender=SimpleNamespace(hostname="cpu@a"))
    return one


def row() -> Worker:
    return Worker.objects.get(name="cpu@a")


def test_a_worker_looks_for_what_waited_for_it(worker):
    assert worker.told == ["cases.tasks.sweep_images", "inference.tasks.sweep_runs"]
    assert row().worked_at is None


def test_the_first_work_is_told_at_once_and_later_work_now_and_then(worker):
    worker.show()
    assert row().worked_at is None
    worker.take()
    worker.show()
    first = row().worked_at
    assert first
    worker.take()
    worker.show()
    assert row().worked_at == first, "not each heartbeat writes a row"


def test_who_stops_in_order_leaves_the_list(worker):
    worker.leave()
    assert not Worker.objects.exists()


def test_who_starts_again_has_not_worked_yet(worker):
    worker.take()
    worker.show()
    worker.begin(sender=SimpleNamespace(hostname="cpu@a"))
    assert row().worked_at is None
