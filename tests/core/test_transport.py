"""A Redis that hangs costs a worker no more than the time that it hung."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from amqp.exceptions import RecoverableConnectionError
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import TimeoutError

from telepath.celery import app
from telepath.core.transport import EagerAMQP
from tests.embedded import EmbeddedServer, start_redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = start_redis(tmp_path / "redis", durable=False)
    yield server
    os.kill(server.child.pid, signal.SIGCONT)
    server.stop()


def test_a_message_that_could_not_be_acknowledged_does_not_fill_the_worker(redis: EmbeddedServer):
    elsewhere = Celery(broker=redis.url, set_as_current=False)
    elsewhere.conf.broker_transport_options = {"socket_timeout": 0.3}
    with elsewhere.connection() as connection:
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)
        queue = connection.SimpleQueue("work")
        queue.put("one")
        message = queue.get(timeout=5)
        queue.consumer.channel.basic_qos(0, 1, False)
        assert not message.channel.qos.can_consume()

        os.kill(redis.child.pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            message.ack()

        assert message.channel.qos.can_consume()
        os.kill(redis.child.pid, signal.SIGCONT)


def test_a_broker_that_is_gone_is_tried_again_every_few_seconds(monkeypatch, refusing_server):
    """kombu's waits grow to half a minute, during which the broker may be back."""
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _: None)
    waits: list[float] = []
    connection = app.connection_for_read(refusing_server)
    with pytest.raises(OperationalError):
        connection.ensure_connection(lambda _, wait: waits.append(wait), 12)
    assert len(waits) == 12
    assert set(waits) == {2}


def test_a_message_goes_out_although_its_line_broke(redis: EmbeddedServer):
    """As the scheduler sends: kombu then makes the connection anew, in a way of its own."""
    elsewhere = Celery(broker=redis.url, amqp=EagerAMQP, set_as_current=False)
    with elsewhere.connection() as connection:
        producer = elsewhere.amqp.Producer(connection)
        outcomes = iter([RecoverableConnectionError("channel disconnected"), "sent"])

        def send() -> str:
            if isinstance(outcome := next(outcomes), Exception):
                raise outcome
            return outcome

        assert connection.ensure(producer, send, max_retries=3)() == "sent"
