"""What arrived before the line broke, at the door."""

from __future__ import annotations

import asyncio

import pytest

from telepath.core.cut_bodies import PART, KeepWhatArrived

GONE = {"type": "http.disconnect"}


def chunk(body: bytes, more: bool = True) -> dict[str, object]:
    return {"type": "http.request", "body": body, "more_body": more}


def read_by_an_application(kind: bytes, *messages: dict[str, object]) -> list[dict[str, object]]:
    """What an application is given until its body ends, and for a moment after."""
    waiting, given = list(messages), []

    async def receive():
        return waiting.pop(0)

    async def application(scope, receive, send):
        while not given or given[-1].get("more_body"):
            given.append(dict(await receive()))
        try:
            given.append(dict(await asyncio.wait_for(receive(), 0.05)))
        except TimeoutError:
            given.append({"type": "nothing more"})

    async def send(message):
        raise AssertionError("nothing is sent")

    scope = {"type": "http", "headers": [(b"content-type", kind)]}
    asyncio.run(KeepWhatArrived(application)(scope, receive, send))
    return given


@pytest.mark.parametrize("end", [chunk(b"cd", more=False), GONE], ids=["whole", "cut"])
def test_a_part_ends_where_its_sender_ended_and_its_work_is_done_to_the_end(end):
    given = read_by_an_application(PART, chunk(b"ab"), end, GONE)
    assert [one["type"] for one in given] == ["http.request", "http.request", "nothing more"]
    assert b"".join(one.get("body", b"") for one in given) in {b"abcd", b"ab"}


def test_half_a_form_is_no_form():
    given = read_by_an_application(b"multipart/form-data", chunk(b"ab"), GONE, GONE)
    assert given[1] == GONE
