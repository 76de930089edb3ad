"""What arrived of a part before the line broke counts, at whatever byte it broke."""

from __future__ import annotations

import asyncio
from typing import Any

from telepath.core.body_limit import Application, Message, Receive, Send

PART = b"application/offset+octet-stream"


class KeepWhatArrived:
    """ASGI: a part of an upload whose sender is gone ends there, as if it had been that long.

    The protocol counts bytes (tus 1.0.0: "the server should always attempt to store as much of the
    received data as possible"), and Django throws away a body that does not end. Only bodies of
    type `PART` are treated so: half a form is not a form. The answer goes nowhere, which is fine:
    whoever comes back asks for the offset first.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_part(scope):
            await self.application(scope, receive, send)
            return
        has_ended = False

        async def whatever_came() -> Message:
            nonlocal has_ended
            if has_ended:
                # Django listens for a sender that goes away, to break off; this work is to be done.
                await asyncio.Event().wait()
            message = await receive()
            has_ended = not message.get("more_body", False)
            if message["type"] == "http.disconnect":
                return {"type": "http.request", "body": b"", "more_body": False}
            return message

        await self.application(scope, whatever_came, send)


def _is_part(scope: Any) -> bool:
    return any(name == b"content-type" and value == PART for name, value in scope["headers"])
