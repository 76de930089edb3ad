"""What happens is on the open page without reload, and nothing is missed."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from cases import consumers
from telepath.core import events
from telepath.core.events import publish
from tests.cases.sockets import in_time, live

pytestmark = pytest.mark.django_db(transaction=True)


def numbers(messages):
    return [message["number"] for message in messages if message["type"] == "event"]


say = sync_to_async(publish)


def test_a_page_hears_what_happens_as_it_happens(case, browser):
    async def play():
        async with live(browser, case.audience) as socket:
            assert await socket.message() == {
                "type": "ready",
                "audience": case.audience,
                "number": 0,
            }
            await say(case.audience, "image.ready", {"position": 1})
            return await socket.message()

    message = in_time(play)
    assert message["type"] == "event"
    assert (message["audience"], message["number"]) == (case.audience, 1)
    assert (message["kind"], message["payload"]) == ("image.ready", {"position": 1})
    assert message["at"]


def test_a_page_that_was_away_gets_what_it_missed_first(case, browser):
    for n in range(5):
        publish(case.audience, "step", {"n": n})

    async def play():
        async with live(browser, case.audience, since=(2,)) as socket:
            missed = await socket.messages(4)
            await say(case.audience, "step", {"n": 5})
            return [*missed, await socket.message()]

    messages = in_time(play)
    assert [message["type"] for message in messages] == ["event"] * 3 + ["ready", "event"]
    assert numbers(messages) == [3, 4, 5, 6]
    assert messages[3]["number"] == 5


def test_without_a_number_a_page_hears_from_now_on(case, browser):
    publish(case.audience, "old", {})

    async def play():
        async with live(browser, case.audience) as socket:
            return await socket.message()

    assert in_time(play)["number"] == 1


def test_a_long_absence_is_replayed_whole(case, browser, monkeypatch):
    monkeypatch.setattr(events, "REPLAY_LIMIT", 3)
    monkeypatch.setattr("cases.selectors.live.REPLAY_LIMIT", 3)
    monkeypatch.setattr(
        "cases.selectors.live.events_since",
        lambda audience, number: events.events_since(audience, number, limit=3),
    )
    for n in range(8):
        publish(case.audience, "step", {"n": n})

    async def play():
        async with live(browser, case.audience, since=(0,)) as socket:
            return await socket.messages(9)

    assert numbers(in_time(play)) == list(range(1, 9))


def test_one_socket_may_follow_several_audiences(cast, case, browser):
    clinic = f"organisation:{cast.clinic.pk}"
    publish(clinic, "case.status", {"n": 1})

    async def play():
        async with live(browser, case.audience, clinic, since=(0, 0)) as socket:
            first = await socket.messages(3)
            await say(case.audience, "a", {})
            await say(clinic, "b", {})
            return first, await socket.messages(2)

    first, then = in_time(play)
    assert sorted(message["type"] for message in first) == ["event", "ready", "ready"]
    assert [(message["audience"], message["number"]) for message in then] == [
        (case.audience, 1),
        (clinic, 2),
    ]


def test_many_writers_at_once_are_heard_in_order_and_once(case, browser):
    async def play():
        async with live(browser, case.audience, since=(0,)) as socket:
            await socket.message()
            write = sync_to_async(publish, thread_sensitive=False)
            await asyncio.gather(*[write(case.audience, "step", {"n": n}) for n in range(20)])
            return await socket.messages(20)

    assert numbers(in_time(play)) == list(range(1, 21))


def test_what_was_rolled_back_is_never_heard(case, browser):
    def rolls_back():
        with pytest.raises(RuntimeError), transaction.atomic():
            publish(case.audience, "never", {})
            raise RuntimeError

    async def play():
        async with live(browser, case.audience) as socket:
            await socket.message()
            await sync_to_async(rolls_back)()
            assert await socket.is_silent()
            await say(case.audience, "kept", {})
            return await socket.message()

    message = in_time(play)
    assert (message["number"], message["kind"]) == (1, "kept")


def test_a_lost_hint_is_only_a_delay(case, browser, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    monkeypatch.setattr(events, "hint", lambda *_: None)

    async def play():
        async with live(browser, case.audience) as socket:
            await socket.message()
            await say(case.audience, "quiet", {})
            return await socket.message()

    assert in_time(play)["kind"] == "quiet"


def test_what_a_browser_sends_is_ignored(case, browser):
    async def play():
        async with live(browser, case.audience) as socket:
            await socket.message()
            await socket.say("not even JSON")
            await say(case.audience, "still here", {})
            return await socket.message()

    assert in_time(play)["kind"] == "still here"


def test_without_redis_a_page_asks_for_what_it_missed(case, browser):
    for n in range(3):
        publish(case.audience, "step", {"n": n})
    answer = browser.get("/live/since/", {"audience": case.audience, "since": "1"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["audience"], body["number"], body["more"]) == (case.audience, 3, False)
    assert [event["payload"]["n"] for event in body["events"]] == [1, 2]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 400])
def test_a_number_that_is_none_asks_for_everything(case, browser, since):
    publish(case.audience, "step", {})
    answer = browser.get("/live/since/", {"audience": case.audience, "since": since})
    assert len(answer.json()["events"]) == 1
