"""Servers that hang instead of dying: all goes on by itself once they answer again.

Short here; `TELEPATH_HANGING_CASES=64 TELEPATH_HANGING_SECONDS=60` makes it the long form.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any

import pytest

from cases.models import SmearImage
from telepath.celery import app
from telepath.core.watchdog import EXIT_STALLED
from tests.conftest import Cast
from tests.live.stack import Stack, until
from tests.live.test_kills import assert_ended_once, is_ready
from tests.live.work import drawn_field, submit_case

CASES = int(os.environ.get("TELEPATH_HANGING_CASES", "8"))
SECONDS = float(os.environ.get("TELEPATH_HANGING_SECONDS", "15"))

pytestmark = [pytest.mark.kills, pytest.mark.timeout(240 + 10 * CASES + SECONDS)]


@pytest.mark.parametrize("server", ["redis", "postgres", "web"])
def test_what_hung_goes_on_by_itself(live: Stack, cast: Cast, server: str, capsys: Any):
    picture = drawn_field(1, 1200, 900)
    cases = [submit_case(cast, picture, mrn=f"H-{number}") for number in range(CASES)]
    until(lambda: SmearImage.objects.filter(begun_at__isnull=False).exists(), every=0.01)

    with live.frozen(server):
        time.sleep(SECONDS)

    back = time.monotonic()
    cases.append(submit_case(cast, picture, mrn="H-after"))
    for case in cases:
        until(lambda case=case: is_ready(case), seconds=120)
        assert_ended_once(case)
    with capsys.disabled():
        took = time.monotonic() - back
        print(f"\n{server}: silent {SECONDS:.0f} s; {len(cases)} cases ready {took:.1f} s later")


def test_a_worker_that_takes_nothing_ends_itself_and_the_next_one_works(live: Stack, cast: Cast):
    with app.connection(live.launch.env["REDIS_URL"]) as line:
        name = f"cpu@{socket.gethostname()}"
        app.control.cancel_consumer("cpu", destination=[name], connection=line)
    case = submit_case(cast, drawn_field(1))

    worker = live.children["worker-cpu"].process
    assert until(worker.poll, seconds=60) == EXIT_STALLED

    live.start()
    until(lambda: is_ready(case), seconds=120)
