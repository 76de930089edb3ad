"""The encoding of requests, through the whole application as the web server calls it."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from telepath.asgi import application


def ask(content_type: str) -> tuple[int, bytes]:
    """Status and body of a form sent to the sign-in page as this type."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/account/login/",
        "query_string": b"next=%2Fqueue%2F",
        "headers": [(b"host", b"testserver"), (b"content-type", content_type.encode())],
    }

    async def play() -> tuple[int, bytes]:
        door = ApplicationCommunicator(application, scope)
        await door.send_input({"type": "http.request", "body": b"login=%41"})
        start = await door.receive_output(timeout=10)
        body = await door.receive_output(timeout=10)
        return start["status"], body["body"]

    return async_to_sync(play)()


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", '"idna"', "nonsense", "utf-16"])
def test_a_body_in_no_encoding_of_ours_is_refused_in_a_sentence(charset):
    status, body = ask(f"application/x-www-form-urlencoded; charset={charset}")
    assert status == 415
    assert json.loads(body)["detail"].startswith("Send text as UTF-8")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charset", ["; charset=UTF-8", ';charset="utf-8"', ""])
def test_utf_8_passes(charset):
    assert ask(f"application/x-www-form-urlencoded{charset}")[0] in {200, 403, 422}
