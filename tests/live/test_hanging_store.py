"""A file store that hangs: said within seconds, no attempt lost, all goes on once it is back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, SmearImage
from telepath.core.broker import REST_SECONDS
from telepath.launcher.bucket import ensure_bucket
from tests.conftest import Cast
from tests.live.stack import Stack, free_port, suspended, until
from tests.live.tus import TusClient
from tests.live.work import drawn_field, open_case, register_patient, runs_of

pytestmark = [pytest.mark.kills, pytest.mark.timeout(400)]
PART = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
KEYS = {"S3_BUCKET": "smears", "S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test"}


@pytest.fixture
def store(live: Stack) -> Iterator[int]:
    """The live stack keeps its files in an S3 server; the number of its process."""
    port = free_port()
    arguments = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    env = {"STORAGE": "s3", "S3_ENDPOINT_URL": f"http://127.0.0.1:{port}", **KEYS}
    try:
        ensure_bucket(env)
        with live.with_settings(env):
            yield process.pid
    finally:
        process.kill()
        process.wait()


GIVEN_UP_SECONDS = 20
"""After so long whoever asks goes away; a store that is waited for takes the half of it."""


def test_a_store_that_hangs_is_said_within_seconds_and_forgotten_as_fast(
    live: Stack, cast: Cast, store: int, client_of: Any, capsys: Any
):
    sender, case, picture = TusClient(live, cast), open_case(cast), drawn_field(1)
    session = client_of(cast.submitter).cookies["sessionid"].value
    waits: dict[str, float] = {}

    def ask(method: str, path: str, *rest: Any) -> HTTPResponse:
        begun = time.monotonic()
        line = HTTPConnection(sender.host, timeout=GIVEN_UP_SECONDS)
        headers = rest[0] if rest else {"Cookie": f"sessionid={session}"}
        line.request(method, path, body=rest[1] if rest else None, headers=headers)
        answer = line.getresponse()
        waits[f"{method} {path.split('/')[-1] or path}"] = round(time.monotonic() - begun, 1)
        return answer

    location = sender.begin(case, len(picture), "field.png")
    assert sender.append(location, 0, picture) == 204
    ready = SmearImage.objects.filter(status=ImageStatus.READY)
    image = until(ready.first)
    display = f"/images/{image.pk}/thumbnail"
    other = open_case(cast, register_patient(cast, "MRN-2"))
    second = sender.begin(other, len(picture), "again.png")

    with suspended(store):
        sent = ask("PATCH", second, {**sender.headers, **PART}, picture)
        assert (sent.status, sent.headers["Retry-After"]) == (503, "5")
        time.sleep(REST_SECONDS)
        assert ask("GET", display).status == 503
        assert ask("GET", display).status == 503
        assert ask("GET", "/healthz/live").status == 200
        assert ask("GET", "/healthz/ready").status == 503
        assert ask("POST", f"/api/v1/cases/{case.pk}/submit/", sender.headers, None).status == 200
        given_back = until(lambda: [run for run in runs_of(case) if run.error_code], seconds=90)
        assert given_back[0].error_code == "storage_away"

    back = time.monotonic()
    until(lambda: ask("GET", display).status == 200, seconds=10)
    assert sender.offset(second) in range(len(picture))
    until(lambda: Case.objects.get(pk=case.pk).status == CaseStatus.READY, seconds=90)
    assert [run.status for run in runs_of(case)] == ["succeeded"]
    took = time.monotonic() - back
    with capsys.disabled():
        sys.stdout.write(f"\nstore: answered within {waits} s; case ready {took:.1f} s later\n")
