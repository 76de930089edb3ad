"""Background work: limits, queues, and a broker that is away."""

from __future__ import annotations

import time

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from telepath.core import broker, tasks
from telepath.core.errors import GiveUp, RetryLater
from telepath.core.tasks import enqueue, worker_task


@worker_task(queue="inference", hard_limit=100)
def sample_task(*_: str) -> None:
    """Does nothing."""


@pytest.fixture
def broker_at(monkeypatch):
    """Let messages go to another address."""

    quick_connection = broker.quick_connection

    def at(url: str) -> Celery:
        app = Celery("elsewhere", broker=url, set_as_current=False)
        monkeypatch.setattr(broker, "quick_connection", lambda _: quick_connection(app))
        return app

    return at


def test_a_task_is_acknowledged_late_and_limited_in_time():
    assert sample_task.acks_late
    assert sample_task.reject_on_worker_lost
    assert sample_task.time_limit == 100
    assert sample_task.soft_time_limit == 90
    assert sample_task.ignore_result


def test_passing_faults_are_tried_again_and_hopeless_ones_are_not():
    assert sample_task.autoretry_for == (RetryLater,)
    assert sample_task.dont_autoretry_for == (GiveUp,)
    assert sample_task.max_retries == 3


def test_a_task_goes_to_the_queue_that_it_names():
    assert tasks.route(sample_task.name) == {"queue": "inference"}
    assert tasks.route("celery.chord_unlock") is None


def test_a_task_longer_than_the_visibility_timeout_is_refused_at_its_definition(settings):
    longest = settings.LONGEST_TASK_SECONDS
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > longest
    with pytest.raises(ImproperlyConfigured, match="LONGEST_TASK_SECONDS"):
        worker_task(queue="cpu", hard_limit=longest + 1)


def test_a_message_arrives_on_its_queue_after_the_commit(transactional_db):
    def waiting():
        return broker.queue_lengths(sample_task.app, ["inference"])["inference"]

    before = waiting()
    with transaction.atomic():
        enqueue(sample_task.name, 1)
        assert waiting() == before
    assert waiting() == before + 1


def test_a_rolled_back_write_sends_no_message(transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(broker, "send", lambda task, args: sent.append(args))
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        enqueue(sample_task.name, 1)
        raise ValueError("no")
    assert sent == []


def test_a_task_that_does_not_exist_is_refused_where_it_is_asked_for():
    with pytest.raises(ImportError, match="no_such_task"):
        enqueue("cases.tasks.no_such_task", 1)


def test_ids_travel_as_text(transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(sample_task, "apply_async", lambda args, **_: sent.append(args))
    enqueue(sample_task.name, 7)
    assert sent == [["7"]]


@pytest.mark.parametrize("address", ["refusing_server", "silent_server"])
def test_a_broker_that_is_away_fails_nothing_and_delays_by_a_second_at_most(
    transactional_db, broker_at, request, address
):
    broker_at(request.getfixturevalue(address))
    began = time.monotonic()
    with transaction.atomic():
        for number in range(10):
            enqueue(sample_task.name, number)
    assert time.monotonic() - began < 2.5
    assert broker.breaker.is_open


def test_after_a_rest_the_broker_is_asked_again():
    breaker = broker.Breaker(rest=0.05)
    breaker.trip()
    assert breaker.is_open
    time.sleep(0.06)
    assert not breaker.is_open


def test_queue_lengths_are_unknown_while_the_broker_is_away(broker_at, refusing_server):
    app = broker_at(refusing_server)
    assert broker.queue_lengths(app, ["cpu"]) is None


@pytest.mark.parametrize("address", ["refusing_server", "silent_server"])
def test_a_broker_that_does_not_answer_is_away(broker_at, request, address):
    assert not broker.is_away(sample_task.app)
    assert broker.is_away(broker_at(request.getfixturevalue(address)))


def test_a_worker_whose_broker_is_away_goes_on_by_the_table_alone(monkeypatch):
    answers = iter([True, True, True, False])
    monkeypatch.setattr(broker, "is_away", lambda _: next(answers))
    monkeypatch.setattr(time, "sleep", waits := [].append)
    found = iter([1, 0, 1])
    tasks.go_on_alone(lambda: next(found))
    assert next(answers, "asked no more") == "asked no more"
    assert waits.__self__ == [1], "where nothing waits it looks again in a moment"
