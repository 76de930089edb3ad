"""What happens is on the open page without reload; nothing is missed, nothing leaks."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.test import Client

from accounts.middleware import LAST_ACTIVE
from accounts.models import Membership, ReadingAgreement
from accounts.services.live import close_sockets
from cases import consumers
from telepath.core import events
from telepath.core.events import publish
from tests import factories
from tests.cases.sockets import live, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(cast):
    return factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))


@pytest.fixture
def browser(cast):
    return session_of(cast.submitter)


def in_time(play):
    """Run one coroutine function to its end, in the test's own thread."""
    return async_to_sync(play)()


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


@pytest.mark.parametrize("who", ["submitter", "colleague", "first_reader", "administrator"])
def test_everybody_concerned_may_follow_a_case(cast, case, who):
    browser = session_of(getattr(cast, who))

    async def play():
        async with live(browser, case.audience) as socket:
            return await socket.message()

    assert in_time(play)["type"] == "ready"


@pytest.mark.parametrize("who", ["outsider", "outside_reader"])
def test_an_outsider_follows_nothing_of_the_clinic(cast, case, who):
    browser = session_of(getattr(cast, who))
    for audience in (
        case.audience,
        f"organisation:{cast.clinic.pk}",
        f"organisation:{cast.laboratory.pk}",
        f"user:{cast.submitter.pk}",
    ):

        async def play(audience=audience):
            async with live(browser, audience) as socket:
                return await socket.close_code()

        assert in_time(play) == 4404


@pytest.mark.parametrize(
    "audience", ["", "case:", "case:7", "organisation:x", "all", "user:", "system:1", "x" * 500]
)
def test_an_audience_that_is_none_does_not_exist(browser, audience):
    async def play():
        async with live(browser, audience) as socket:
            return await socket.close_code()

    assert in_time(play) == 4404


def test_one_forbidden_audience_among_others_closes_the_socket(cast, case, browser):
    async def play():
        async with live(browser, case.audience, f"user:{cast.colleague.pk}") as socket:
            return await socket.close_code()

    assert in_time(play) == 4404


def test_nobody_follows_nothing(case):
    async def play():
        async with live(None, case.audience) as socket:
            return await socket.close_code()

    assert in_time(play) == 4401


def closed_after(browser, audience, act, monkeypatch=None):
    """The close code of a socket that was open before `act`."""

    async def play():
        async with live(browser, audience) as socket:
            await socket.message()
            await sync_to_async(act)()
            return await socket.close_code()

    return in_time(play)


def test_signing_out_closes_the_socket(case, browser):
    assert closed_after(browser, case.audience, browser.logout) == 4401


def test_a_sign_out_elsewhere_closes_too(cast, case, browser):
    assert closed_after(browser, case.audience, lambda: close_sockets(f"user:{cast.submitter.pk}"))


def test_who_was_deactivated_hears_no_more(cast, case, browser):
    def act():
        cast.submitter.is_active = False
        cast.submitter.save()
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4401


def test_who_lost_the_role_hears_no_more(cast, case, browser):
    def act():
        Membership.objects.filter(user=cast.submitter).update(is_active=False)
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4404


def test_a_laboratory_that_no_longer_reads_for_the_clinic_hears_no_more(cast, case):
    def act():
        ReadingAgreement.objects.filter(clinic=cast.clinic).update(is_active=False)
        publish(case.audience, "secret", {})

    assert closed_after(session_of(cast.first_reader), case.audience, act) == 4404


def test_a_session_that_ended_silently_is_noticed(case, browser, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    assert closed_after(browser, case.audience, browser.session.flush) == 4401


def test_a_session_that_went_idle_hears_no_more(case, browser, settings):
    def act():
        session = browser.session
        session[LAST_ACTIVE] = 1.0
        session.save()
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4401


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


def test_the_same_rules_hold_for_asking(cast, case, browser):
    publish(case.audience, "step", {})
    query = {"audience": case.audience, "since": "0"}
    assert Client().get("/live/since/", query).status_code == 401
    assert session_of(cast.outsider).get("/live/since/", query).status_code == 404
    assert browser.get("/live/since/", {"audience": "case:7"}).status_code == 404
