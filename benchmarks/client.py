"""A machine client of the platform, as a scanner or a laboratory system would be: HTTP and tus."""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

PART_BYTES = 1 << 20


class Refused(Exception):
    """The platform answered with an error; the text is its own sentence."""


class PlatformClient:
    """Requests to the platform at `url`, with a token that may submit cases."""

    def __init__(self, url: str, token: str) -> None:
        self._address = urlsplit(url)
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def get(self, path: str) -> dict[str, Any]:
        """Read a resource."""
        return self._json("GET", path)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make or change a resource."""
        return self._json("POST", path, json.dumps(body).encode())

    def upload(self, case: str, filename: str, content: bytes) -> None:
        """Send a picture in parts. Returns when the last byte was acknowledged."""
        named = {"filename": filename, "case": case}
        pairs = (f"{key} {b64encode(value.encode()).decode()}" for key, value in named.items())
        headers = {"Upload-Length": str(len(content)), "Upload-Metadata": ",".join(pairs)}
        location = urlsplit(self._tus("POST", "/api/v1/uploads/", headers)["Location"]).path
        for offset in range(0, len(content), PART_BYTES):
            headers = {
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
            }
            self._tus("PATCH", location, headers, content[offset : offset + PART_BYTES])

    def _json(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        _, content = self._ask(method, path, {"Content-Type": "application/json"}, body)
        answer: dict[str, Any] = json.loads(content)
        return answer

    def _tus(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> http.client.HTTPMessage:
        return self._ask(method, path, {"Tus-Resumable": "1.0.0", **headers}, body)[0]

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[http.client.HTTPMessage, bytes]:
        line = self._line()
        line.request(method, path, body=body, headers={**self._headers, **headers})
        reply = line.getresponse()
        content = reply.read()
        line.close()
        if reply.status >= 400:
            raise Refused(f"{method} {path}: {reply.status} {content.decode(errors='replace')}")
        return reply.headers, content

    def _line(self) -> http.client.HTTPConnection:
        """A new one each time: the server closes a line that was idle, at a moment of its own."""
        if self._address.scheme == "https":
            return http.client.HTTPSConnection(self._address.netloc, timeout=60)
        return http.client.HTTPConnection(self._address.netloc, timeout=60)
