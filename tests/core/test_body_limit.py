"""The longest body of a request, held at the door."""

from __future__ import annotations

import asyncio
import json

from telepath.core.body_limit import BodyLimit

LIMIT = 1000


def ask(*chunks: bytes, announced: int | None = None):
    """Send a body through the guard to an application that reads it all: (status, body, read)."""
    sent, read = [], bytearray()
    messages = [
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks) - 1}
        for n, chunk in enumerate(chunks)
    ]

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read.extend(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    guard = BodyLimit(application, limit=LIMIT)
    asyncio.run(guard({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], sent[1]["body"], bytes(read)


def test_a_body_within_the_limit_passes_unchanged():
    status, body, read = ask(b"a" * 600, b"b" * 400, announced=1000)
    assert (status, body) == (200, b"fine")
    assert read == b"a" * 600 + b"b" * 400


def test_a_body_announced_as_too_long_is_refused_unread():
    status, body, read = ask(b"a" * 600, announced=3 << 30)
    assert status == 413
    assert json.loads(body)["detail"] == "One request carries at most 1000 bytes: send it in parts."
    assert read == b""


def test_a_body_that_never_ends_is_cut_off():
    status, _, read = ask(b"a" * 600, b"b" * 600, b"c" * 600)
    assert status == 413
    assert read == b"a" * 600
