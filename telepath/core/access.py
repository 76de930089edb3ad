"""The web log: one line for each request, by whatever server it came."""

from __future__ import annotations

import logging
import time
from typing import Any

from telepath.core.body_limit import Application, Message, Receive, Send

logger = logging.getLogger(__name__)

_SOCKET_STATUS = {"websocket.accept": 101, "websocket.close": 403}
"""What a server answers to the handshake for these; a socket that was open may close as well."""


class AccessLog:
    """ASGI: tells who asked for what, with what outcome, in which time, and the request's id.

    uvicorn's own access log stays silent: it writes addresses as they came, and what people search
    for, and the links of invitations and forgotten passwords, stand in addresses.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.application(scope, receive, send)
            return
        begun, status, request_id = time.monotonic(), 0, "-"

        async def noted(message: Message) -> None:
            nonlocal status, request_id
            status = status or message.get("status") or _SOCKET_STATUS.get(message["type"], 0)
            for name, value in message.get("headers", ()):
                request_id = value.decode() if name.lower() == b"x-request-id" else request_id
            await send(message)

        try:
            await self.application(scope, receive, noted)
        finally:
            milliseconds = 1000 * (time.monotonic() - begun)
            client = (scope.get("client") or ("-",))[0]
            logger.info(
                "%s %s %d %.0f ms, from %s, request %s",
                *(*_asked(scope), status, milliseconds, client, request_id),
            )


def _asked(scope: Any) -> tuple[str, str]:
    """Method and address, which the formatter of all logs makes discreet."""
    if scope["type"] == "websocket":
        return "WEBSOCKET", "(live)"
    return scope["method"], scope["path"]
