"""A tus client for tests, over Django's test client: no more than the protocol says."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage

from cases.models import Case, Upload

ADDRESS = "/api/v1/uploads/"
PART = "application/offset+octet-stream"
DATA = bytes(range(256)) * 16


@dataclass
class Sender:
    """Sends files into `case`. `headers` go with every request, a token for example."""

    client: Any
    case: Case
    headers: dict[str, str] = field(default_factory=dict)

    def begin(self, data: bytes, name: str = "field.jpg", *, size: int | None = None, sha256=None):
        """POST: announce a file. sha256: None for its own, "" for none."""
        digest = hashlib.sha256(data).hexdigest() if sha256 is None else sha256
        metadata = {"case": str(self.case.pk), "filename": name, "sha256": digest}
        length = len(data) if size is None else size
        return self.request(
            "POST", ADDRESS, {"Upload-Length": str(length), "Upload-Metadata": encoded(metadata)}
        )

    def part(self, location: str, offset: int, data: bytes):
        """PATCH: one part."""
        return self.request("PATCH", location, {"Upload-Offset": str(offset)}, data)

    def offset(self, location: str) -> int:
        """HEAD: where to go on."""
        return int(self.request("HEAD", location)["Upload-Offset"])

    def whole(self, data: bytes, name: str = "field.jpg", *, part: int = 1000, sha256=None):
        """Send a file in parts of `part` bytes; the last answer."""
        answer = self.begin(data, name, sha256=sha256)
        assert answer.status_code == 201, answer.content
        location = answer["Location"]
        for offset in range(0, len(data), part):
            answer = self.part(location, offset, data[offset : offset + part])
        return answer

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, data=b""):
        content_type = PART if method == "PATCH" else ""
        return self.client.generic(
            method,
            path,
            data,
            content_type=content_type,
            headers={"Tus-Resumable": "1.0.0", **self.headers, **(headers or {})},
            CONTENT_TYPE=content_type,  # which Django leaves out for an empty body
        )


def encoded(metadata: dict[str, str]) -> str:
    """An `Upload-Metadata` header."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


def stored_parts(upload: Upload) -> list[str]:
    """Names of what the store holds of an upload that is not whole yet."""
    try:
        return default_storage.listdir(f"uploads/{upload.pk}")[1]
    except FileNotFoundError:
        return []
