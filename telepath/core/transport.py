"""Celery's Redis transport, made to survive a Redis that hangs or is gone for a while.

A worker takes a message when fewer than its prefetch count wait for their acknowledgement. kombu
forgets one only after Redis took the acknowledgement; when Redis was silent at that moment, the
message stays counted for ever, and a worker with a prefetch of one never takes another.
"""

from __future__ import annotations

from typing import Any

from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.transport import TRANSPORT_ALIASES, redis, virtual


class ForgivingQoS(redis.QoS):
    """Counts a message as done even if Redis could not be told.

    Redis then gives the message out again after the visibility timeout, which does no harm: the row
    that it speaks of says that the work is done.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types here
        except self.channel.connection_errors:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]  # same
        except self.channel.connection_errors:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):
    QoS = ForgivingQoS


class Transport(redis.Transport):
    """The transport of every `redis://` address, once `use` was called."""

    Channel = Channel


class EagerConnection(Connection):
    """Tries again every two seconds. kombu's waits grow to 30 s, while the broker may be back."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """As workers and the scheduler call it; publishing again has waits of its own."""
        steady = {"interval_start": 2, "interval_step": 0, **kwargs}
        return super().ensure_connection(*args, **steady)  # type: ignore[no-untyped-call]  # kombu


class EagerAMQP(AMQP):  # type: ignore[misc]  # Celery has no types
    """For `Celery(amqp=...)`: connections of workers and of the scheduler are eager ones."""

    Connection = EagerConnection


def use() -> None:
    """Let every connection of this process to a `redis://` broker be one of ours."""
    TRANSPORT_ALIASES["redis"] = "telepath.core.transport:Transport"
