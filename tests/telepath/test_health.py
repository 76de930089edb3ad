"""What machines are told: alive at all, and ready for work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun, Worker
from telepath.core import broker
from telepath.core.errors import RetryLater
from tests.factories import AnalysisRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def swept() -> Worker:
    return Worker.objects.create(name="cpu@a", queues=["cpu"], worked_at=timezone.now())


def ask(client: Any) -> tuple[int, dict[str, str]]:
    answer = client.get("/healthz/ready")
    return answer.status_code, answer.json()


def fail_with(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_process_that_answers_is_live_whatever_else_is_away(client, monkeypatch):
    monkeypatch.setattr("telepath.health.connection.cursor", fail_with(OperationalError()))
    assert client.get("/healthz/live").status_code == 200


def test_all_that_answers_is_ready(client, swept):
    everything = dict.fromkeys(("database", "broker", "storage", "work"), "ok")
    assert ask(client) == (200, {"status": "ready", **everything})


def test_a_database_that_is_away_is_named(client, swept, monkeypatch):
    monkeypatch.setattr("telepath.health.connection.cursor", fail_with(OperationalError()))
    status, body = ask(client)
    assert (status, body["database"], body["broker"]) == (503, "away", "ok")


def test_a_broker_and_a_store_that_are_away_are_named(client, swept, monkeypatch):
    monkeypatch.setattr(broker, "queue_lengths", lambda *_: None)
    monkeypatch.setattr("telepath.core.storage.ask", fail_with(RetryLater("away")))
    status, body = ask(client)
    assert (status, body["broker"], body["storage"]) == (503, "away", "away")


def test_a_worker_that_lives_but_takes_nothing_is_not_enough(client, swept):
    long_ago = timezone.now() - timedelta(minutes=5)
    Worker.objects.filter(pk=swept.pk).update(worked_at=long_ago, seen_at=timezone.now())
    assert ask(client)[1]["work"] == "nobody takes work from: cpu"


def test_runs_that_wait_while_none_moves_are_told(client, swept):
    long_ago = timezone.now() - timedelta(minutes=5)
    waiting = AnalysisRunFactory(status=RunStatus.QUEUED)
    AnalysisRun.objects.filter(pk=waiting.pk).update(due_at=long_ago)
    assert ask(client)[1]["work"] == "nobody takes work from: inference"

    AnalysisRunFactory(status=RunStatus.RUNNING, due_at=timezone.now() + timedelta(seconds=9))
    assert ask(client)[0] == 200
