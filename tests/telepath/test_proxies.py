"""Only a named proxy is believed about where a request came from, and that it came over TLS."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from uvicorn import Config

from accounts.http import address_of

PROXY, STRANGER, PERSON = "10.0.0.5", "203.0.113.9", "198.51.100.7"
CLAIMS = [
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-for", PERSON.encode()),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-port", b"444"),
    (b"forwarded", b"proto=https;for=198.51.100.7"),
    (b"x-real-ip", PERSON.encode()),
    (b"x-forwarded-ssl", b"on"),
    (b"host", b"telepath.example"),
]


def seen_of(client: str) -> ASGIRequest:
    """What Django sees of a request that reaches our uvicorn from `client` with all the claims."""
    seen: list[ASGIRequest] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(ASGIRequest(scope, io.BytesIO()))

    config = Config(application, lifespan="off", log_config=None)
    config.load()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "scheme": "http",
        "client": (client, 40_000),
        "server": ("10.0.0.9", 8000),
        "headers": CLAIMS,
    }
    asyncio.run(config.loaded_app(scope, None, None))  # type: ignore[arg-type]
    return seen[0]


@pytest.fixture(autouse=True)
def _one_proxy(monkeypatch: Any) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", f"{PROXY}, 192.0.2.0/28")


@pytest.mark.parametrize("client", [STRANGER, "127.0.0.1", "192.0.2.16", "::1"])
def test_a_stranger_is_believed_neither_about_tls_nor_about_who_it_is(client):
    request = seen_of(client)
    assert not request.is_secure()
    assert address_of(request) == client
    assert request.get_host() == "telepath.example"


@pytest.mark.parametrize("client", [PROXY, "192.0.2.7"])
def test_the_named_proxy_is_believed(client):
    request = seen_of(client)
    assert request.is_secure()
    assert address_of(request) == PERSON
    assert request.get_host() == "telepath.example"


def test_a_person_who_adds_addresses_of_her_own_is_known_by_the_last_one(monkeypatch):
    monkeypatch.setitem(globals(), "CLAIMS", [(b"x-forwarded-for", b"10.9.9.9, 203.0.113.77")])
    assert address_of(seen_of(PROXY)) == "203.0.113.77"
