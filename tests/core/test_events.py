"""Live events: numbers without gaps, and hints that may be lost."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from telepath.core import events
from telepath.core.events import events_since, last_number, publish
from telepath.core.models import LiveEvent

AUDIENCE = "case:1"


@pytest.fixture
def hints(monkeypatch):
    given = []
    monkeypatch.setattr(events, "hint", lambda audience, message: given.append((audience, message)))
    return given


@pytest.mark.django_db
def test_each_audience_counts_for_itself_from_one():
    numbers = [publish(name, "x", {}).number for name in ("case:1", "case:1", "case:2", "case:1")]
    assert numbers == [1, 2, 1, 3]
    assert last_number("case:1") == 3
    assert last_number("case:9") == 0


@pytest.mark.django_db
def test_who_was_away_gets_everything_since_a_number_oldest_first():
    for number in range(1, 6):
        publish(AUDIENCE, "x", {"n": number})
    publish("case:2", "x", {"n": 99})
    assert [event.payload["n"] for event in events_since(AUDIENCE, 2)] == [3, 4, 5]
    assert [event.number for event in events_since(AUDIENCE, 0, limit=2)] == [1, 2]
    assert events_since(AUDIENCE, 5) == []


def test_a_rolled_back_event_leaves_no_gap_and_no_hint(transactional_db, hints):
    publish(AUDIENCE, "x", {})
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        publish(AUDIENCE, "x", {})
        raise ValueError("no")
    assert publish(AUDIENCE, "x", {}).number == 2
    assert [message["number"] for _, message in hints] == [1, 2]


def test_the_hint_comes_after_the_commit(transactional_db, hints):
    with transaction.atomic():
        publish(AUDIENCE, "x", {})
        assert hints == []
    assert hints == [(AUDIENCE, {"type": "live.hint", "number": 1})]


def test_many_who_publish_at_once_leave_neither_gap_nor_double(at_the_same_time, hints):
    def publish_ten():
        for _ in range(10):
            publish(AUDIENCE, "x", {})

    at_the_same_time(*[publish_ten] * 5)
    numbers = LiveEvent.objects.filter(audience=AUDIENCE).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 51))


@pytest.mark.parametrize("address", ["refusing_server", "silent_server"])
def test_a_redis_that_is_away_fails_nothing_and_delays_by_a_second_at_most(
    transactional_db, settings, request, address
):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [request.getfixturevalue(address)]},
        }
    }
    began = time.monotonic()
    for _ in range(10):
        publish(AUDIENCE, "x", {})
    assert time.monotonic() - began < 2.5
    assert last_number(AUDIENCE) == 10
