"""A machine client that uploads by tus 1.0 over plain HTTP."""

from __future__ import annotations

import http.client
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlsplit

from accounts.actors import actor_of_user
from accounts.choices import TokenScope
from accounts.services.tokens import token_create
from cases.models import Case
from tests.conftest import Cast
from tests.live.stack import Stack


class TusClient:
    """Just enough of tus 1.0 to be cut off in the middle of a request."""

    patience = 60
    """Seconds that an answer is waited for."""

    def __init__(self, stack: Stack, cast: Cast) -> None:
        self.host = urlsplit(stack.url).netloc
        _, secret = token_create(
            actor=actor_of_user(cast.administrator),
            organisation=cast.clinic,
            name="scanner",
            scopes=[TokenScope.CASES_WRITE, TokenScope.CASES_READ],
            lifetime=timedelta(hours=1),
        )
        self.headers = {"Authorization": f"Bearer {secret}", "Tus-Resumable": "1.0.0"}

    def begin(self, case: Case, size: int, filename: str) -> str:
        metadata = f"filename {b64encode(filename.encode()).decode()}"
        metadata += f",case {b64encode(str(case.pk).encode()).decode()}"
        reply = self._ask(
            "POST",
            "/api/v1/uploads/",
            {"Upload-Length": str(size), "Upload-Metadata": metadata},
        )
        assert reply.status == 201, reply.read()
        return urlsplit(reply.headers["Location"]).path

    def append(self, location: str, offset: int, content: bytes) -> int:
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        return self._ask("PATCH", location, headers, content).status

    def offset(self, location: str) -> int:
        return int(self._ask("HEAD", location, {}).headers["Upload-Offset"])

    def half_a_request(self, location: str, offset: int, content: bytes) -> None:
        """Send the headers and the first part of the body, and leave the line open."""
        line = http.client.HTTPConnection(self.host, timeout=30)
        line.putrequest("PATCH", location)
        for name, value in self.headers.items():
            line.putheader(name, value)
        line.putheader("Upload-Offset", str(offset))
        line.putheader("Content-Type", "application/offset+octet-stream")
        line.putheader("Content-Length", str(len(content)))
        line.endheaders()
        line.send(content[: len(content) // 2])

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection(self.host, timeout=self.patience)
        line.request(method, path, body=body, headers={**self.headers, **headers})
        return line.getresponse()
