"""The longest body of a request, held at the door: Django spools it whole before any view."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telepath.core.problems import CONTENT_TYPE, problem
from telepath.core.sizes import readable_bytes

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[Any]]


class BodyLimit:
    """ASGI: answers 413 before it reads a body announced as longer than `limit` bytes.

    A body without an announced length is cut off there as if the client had gone: the application
    sees a broken request, and the client the same 413.
    """

    def __init__(self, application: Application, *, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif _announced(scope) > self.limit:
            await self._refuse(send)
        else:
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Any, receive: Receive, send: Send) -> None:
        received, is_over, has_answered = 0, False, False

        async def counted() -> Message:
            nonlocal received, is_over
            message = await receive()
            received += len(message.get("body", b""))
            is_over = is_over or received > self.limit
            return {"type": "http.disconnect"} if is_over else message

        async def noted(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await self.application(scope, counted, noted)
        if is_over and not has_answered:
            await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        detail = f"One request carries at most {readable_bytes(self.limit)}: send it in parts."
        await refuse(send, 413, code="too_large", detail=detail)


async def refuse(send: Send, status: int, *, code: str, detail: str) -> None:
    """Answer with a problem, and hang up: the body stays unread."""
    body = json.dumps(problem(status, code=code, detail=detail)).encode()
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _announced(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0
