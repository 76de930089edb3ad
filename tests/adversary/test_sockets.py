"""Every live audience against every kind of person, by the table in tests/sockets_table.py."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.actors import actor_of_user
from accounts.services.organisations import agreement_end
from accounts.services.roles import role_take
from accounts.services.users import sessions_end, user_deactivate
from telepath.core.events import publish
from tests import factories
from tests.cases.sockets import PATIENCE_SECONDS, live, session_of
from tests.conftest import Cast
from tests.permissions import EVERYBODY
from tests.sockets_table import AUDIENCES

pytestmark = pytest.mark.django_db(transaction=True)

NOT_THERE = 4404
SIGNED_OUT = 4401


@pytest.fixture
def audience(cast: Cast) -> Callable[[str], str]:
    """The audience that a row of the table names."""
    keys = {"nothing": uuid4()}
    for name, clinic in (("case", cast.clinic), ("foreign_case", cast.other_clinic)):
        patient = factories.PatientFactory(clinic=clinic)
        keys[name] = factories.CaseFactory(patient=patient).pk

    def named(row: str) -> str:
        kind, _, name = row.partition(":")
        key = keys[name] if name in keys else getattr(cast, name).pk
        return f"{kind}:{key}"

    return named


def heard(browser, audience: str) -> str:
    """What the socket says first: "ready", or the code with which it closes."""

    async def play() -> str:
        async with live(browser, audience) as socket:
            answer = await socket.receive_output(timeout=PATIENCE_SECONDS)
            return str(answer.get("code", "ready"))

    return async_to_sync(play)()


@pytest.mark.parametrize("row", AUDIENCES)
def test_an_audience_is_heard_by_whom_its_row_names_and_nobody_else(row, cast, audience):
    told = audience(row)
    publish(told, "secret", {})
    seen = {}
    for person in EVERYBODY:
        browser = session_of(getattr(cast, person))
        asked = browser.get("/live/since/", {"audience": told, "since": "0"})
        seen[person] = (heard(browser, told), asked.status_code)
    yes, no = ("ready", 200), (str(NOT_THERE), 404)
    assert seen == {person: yes if person in AUDIENCES[row] else no for person in EVERYBODY}
    assert heard(None, told) == str(SIGNED_OUT)


def lose_the_role(cast: Cast) -> None:
    membership = cast.submitter.memberships.get()
    role_take(actor=actor_of_user(cast.administrator), membership=membership)


def be_deactivated(cast: Cast) -> None:
    user_deactivate(actor=actor_of_user(cast.administrator), user=cast.submitter)


def be_signed_out(cast: Cast) -> None:
    sessions_end(actor=actor_of_user(cast.administrator), user=cast.submitter)


def lose_the_agreement(cast: Cast) -> None:
    agreement = cast.clinic.read_by.get()
    agreement_end(actor=actor_of_user(cast.administrator), agreement=agreement)


@pytest.mark.parametrize(
    ("person", "row", "revoke"),
    [
        ("submitter", "case:case", lose_the_role),
        ("submitter", "organisation:clinic", lose_the_role),
        ("submitter", "case:case", be_deactivated),
        ("submitter", "user:submitter", be_deactivated),
        ("submitter", "case:case", be_signed_out),
        ("first_reader", "case:case", lose_the_agreement),
    ],
)
@pytest.mark.parametrize("hints", ["arriving", "lost"])
def test_the_very_next_event_after_a_revocation_is_not_delivered(
    person, row, revoke, hints, cast, audience, monkeypatch
):
    if hints == "lost":  # only the hint of the event gets through, not the order to close
        monkeypatch.setattr("accounts.services.live.hint", lambda *_: None)
    told, browser = audience(row), session_of(getattr(cast, person))

    async def play() -> list[dict]:
        async with live(browser, told) as socket:
            assert (await socket.message())["type"] == "ready"
            await sync_to_async(revoke)(cast)
            await sync_to_async(publish)(told, "secret", {})
            sent = [await socket.receive_output(timeout=PATIENCE_SECONDS)]
            while sent[-1]["type"] != "websocket.close":
                sent.append(await socket.receive_output(timeout=PATIENCE_SECONDS))
            return sent

    sent = async_to_sync(play)()
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert browser.get("/live/since/", {"audience": told}).status_code in {401, 404}


@pytest.mark.parametrize("since", ["-1", "abc", "\x00", "9" * 400, "²"])
@pytest.mark.parametrize("told", ["user:\x00", "case:" + "0" * 10_000, "\x00"])
def test_nonsense_in_the_address_of_a_socket_is_not_there(told, since, cast):
    browser = session_of(cast.submitter)

    async def play() -> int:
        async with live(browser, told, since=(since,)) as socket:
            return await socket.close_code()

    assert async_to_sync(play)() == NOT_THERE
    answer = browser.get("/live/since/", {"audience": told, "since": since})
    assert answer.status_code == 404
