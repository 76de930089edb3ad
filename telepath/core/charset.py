"""The encoding of requests, settled at the door: Django fails on a charset that is none."""

from __future__ import annotations

import re
from typing import Any

from telepath.core.body_limit import Application, Receive, Send, refuse

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([^\s;\"']*)", re.IGNORECASE)
_UTF8 = frozenset({b"", b"utf-8", b"utf8", b"us-ascii"})


class Utf8Only:
    """ASGI: answers 415 to a body said to be in another encoding than UTF-8.

    No browser sends one, and JSON is UTF-8 (RFC 8259). Django 5.2 believes the header before any
    middleware runs, so "charset=hex" would end as a fault of ours.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _charset(scope).lower() not in _UTF8:
            detail = "Send text as UTF-8, without another charset. Nothing was changed."
            await refuse(send, 415, code="charset", detail=detail)
        else:
            await self.application(scope, receive, send)


def _charset(scope: Any) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-type" and (found := _CHARSET.search(value)):
            return bytes(found[1])
    return b""
