"""A browser's live socket, against the whole ASGI application."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import User
from telepath.asgi import application

PATIENCE_SECONDS = 5


class Socket(ApplicationCommunicator):
    """Messages as dictionaries; what closes the socket as its code."""

    async def open(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout=PATIENCE_SECONDS)
        assert answer["type"] == "websocket.accept", answer

    async def message(self) -> dict[str, Any]:
        sent = await self.receive_output(timeout=PATIENCE_SECONDS)
        assert sent["type"] == "websocket.send", sent
        return json.loads(sent["text"])

    async def messages(self, number: int) -> list[dict[str, Any]]:
        return [await self.message() for _ in range(number)]

    async def say(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def close_code(self) -> int:
        """Wait for the server to close; other messages before that are passed over."""
        while True:
            message = await self.receive_output(timeout=PATIENCE_SECONDS)
            if message["type"] == "websocket.close":
                return message["code"]

    async def is_silent(self) -> bool:
        return await self.receive_nothing(timeout=0.3)

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=PATIENCE_SECONDS)


def session_of(user: User) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def in_time(play):
    """Run one coroutine function to its end, in the test's own thread."""
    return async_to_sync(play)()


@asynccontextmanager
async def live(
    client: Client | None, *audiences: str, since: tuple[int, ...] = ()
) -> AsyncIterator[Socket]:
    """An accepted socket of this browser that follows `audiences`."""
    query = urlencode([("audience", one) for one in audiences] + [("since", n) for n in since])
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    if client is not None and settings.SESSION_COOKIE_NAME in client.cookies:
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode()))
    scope = {
        "type": "websocket",
        "path": "/ws/live/",
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": [],
    }
    socket = Socket(application, scope)
    await socket.open()
    try:
        yield socket
    finally:
        await socket.leave()
