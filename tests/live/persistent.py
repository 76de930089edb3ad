"""A clinic's program that takes no silence for an answer: it asks again, as HTTP allows."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64encode
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Cast
from tests.live.stack import Stack
from tests.live.tus import TusClient
from tests.live.work import drawn_field


class PersistentClinic(TusClient):
    """Sends cases over the API. What was asked twice must be made once."""

    patience = 5

    def __init__(self, stack: Stack, cast: Cast) -> None:
        super().__init__(stack, cast)
        self._clinic, self._picture = cast.clinic.pk, drawn_field(1, 1200, 900)

    def submit(self, number: int) -> str:
        """One patient, one case, one picture, submitted. Returns the id of the case."""
        patient = self._make(
            "patients",
            f"patient-{number:04d}",
            clinic=self._clinic,
            mrn=f"W-{number}",
            name=f"Amara Okafor the {number}th",
            sex="female",
            birth_date="2018-03-09",
        )
        case = self._make(
            "cases",
            f"case-{number:04d}",
            patient=patient,
            specimen="peripheral_blood",
            stain="giemsa",
            clinical_information="Fever and pallor for two weeks.",
        )
        self._send_picture(case)
        while b"upload_open" in (said := self._submit(case)):
            time.sleep(0.5)  # the request whose answer was lost is still putting the file together
        assert said == b"", said
        return case

    def _submit(self, case: str) -> bytes:
        """What speaks against it. 409: it was done, and the answer was lost."""
        answer = self._json(f"/api/v1/cases/{case}/submit/", {})
        content = answer.read()
        return b"" if answer.status in (200, 409) else content

    def _send_picture(self, case: str) -> None:
        digest = hashlib.sha256(self._picture).hexdigest()
        told = {"filename": "field.png", "case": case, "sha256": digest}
        metadata = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in told.items())
        size = {"Upload-Length": str(len(self._picture)), "Upload-Metadata": metadata}
        begun = self._ask("POST", "/api/v1/uploads/", size)
        assert begun.status == 201, begun.read()
        location = urlsplit(begun.headers["Location"]).path
        while (offset := self.offset(location)) < len(self._picture):
            self.append(location, offset, self._picture[offset:])

    def _make(self, kind: str, key: str, **values: Any) -> str:
        made = self._json(f"/api/v1/{kind}/", values, {"Idempotency-Key": key})
        content = made.read()
        assert made.status == 201, content
        return str(json.loads(content)["id"])

    def _json(self, path: str, values: Any, headers: dict[str, str] | None = None) -> HTTPResponse:
        kind = {"Content-Type": "application/json", **(headers or {})}
        return self._ask("POST", path, kind, json.dumps(values, default=str).encode())

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> HTTPResponse:
        while True:
            try:
                reply = super()._ask(method, path, headers, body)
                if reply.status < 500:
                    return reply
            except (OSError, HTTPException):
                pass  # no answer, or half of one
            time.sleep(0.5)
