"""Servers that hang instead of dying: all goes on by itself once they answer again.

Short here; `TELEPATH_HANGING_CASES=64 TELEPATH_HANGING_SECONDS=60` makes it the long form.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.client import HTTPConnection, HTTPResponse
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import Celery
from django.conf import settings
from django.utils import timezone

from cases.choices import CaseStatus
from cases.models import Case, CaseTransition, Patient, SmearImage
from telepath.core.watchdog import EXIT_STALLED
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.persistent import PersistentClinic
from tests.live.stack import Stack, until
from tests.live.test_kills import assert_ended_once, is_ready
from tests.live.work import drawn_field, submit_case

CASES = int(os.environ.get("TELEPATH_HANGING_CASES", "8"))
SECONDS = float(os.environ.get("TELEPATH_HANGING_SECONDS", "12"))
SENDERS = 16
PROMISED_SECONDS = 120

pytestmark = [pytest.mark.kills, pytest.mark.timeout(240 + 10 * CASES + SECONDS)]


@pytest.mark.parametrize("server", ["redis", "postgres"])
@pytest.mark.parametrize("manner", ["frozen", "gone"])
def test_what_was_away_goes_on_by_itself(
    live: Stack, cast: Cast, server: str, manner: str, capsys: Any
):
    picture = drawn_field(1, 1200, 900)
    cases = [submit_case(cast, picture, mrn=f"H-{number}") for number in range(CASES)]
    until(lambda: SmearImage.objects.exclude(taken_by="").exists(), every=0.01)

    with getattr(live, manner)(server):
        time.sleep(SECONDS)

    back = timezone.now()
    cases.append(submit_case(cast, picture, mrn="H-after"))
    assert_all_ready(cases, since=back)
    with capsys.disabled():
        said = when_ready(cases, since=back)
        sys.stdout.write(f"\n{server} {manner} for {SECONDS:.0f} s; {said}\n")


@pytest.mark.browser
def test_a_web_server_that_hangs_under_clinics_and_open_pages_goes_on_by_itself(
    live: Stack, cast: Cast, clinic: Desk, capsys: Any
):
    """Clinics submit through it, again and again until it answers; nothing is made twice."""
    sender = PersistentClinic(live, cast)
    with ThreadPoolExecutor(SENDERS) as senders:
        sent = [senders.submit(sender.submit, number) for number in range(CASES)]
        case = Case.objects.get(pk=sent[0].result())
        clinic.page.goto(f"/cases/{case.pk}/")
        clinic.mark()
        with live.frozen("web"):
            time.sleep(SECONDS)
        back = timezone.now()
        for one in sent:
            one.result()
    cases = list(Case.objects.all())
    assert len(cases) == CASES == SmearImage.objects.count() == Patient.objects.count()
    assert_all_ready(cases, since=back)
    clinic.sees("Ready for review", seconds=30)
    clinic.sees("live", within="#live", seconds=60)
    assert clinic.is_unmoved()
    with capsys.disabled():
        said = when_ready(cases, since=back)
        sys.stdout.write(f"\nweb frozen for {SECONDS:.0f} s; {said}\n")


def assert_all_ready(cases: list[Case], *, since: datetime) -> None:
    """All together within the time that is promised; one after the other would prove less."""
    until(
        lambda: Case.objects.filter(status=CaseStatus.READY).count() == len(cases),
        seconds=PROMISED_SECONDS - (timezone.now() - since).total_seconds(),
    )
    for case in cases:
        assert_ended_once(case)


def when_ready(cases: list[Case], *, since: datetime) -> str:
    """How the cases came, in words: where the time went shows in the pauses."""
    ready = CaseTransition.objects.filter(to_status=CaseStatus.READY, at__gt=since)
    came = [
        (at - since).total_seconds() for at in ready.order_by("at").values_list("at", flat=True)
    ]
    if not came:
        return "all were ready before"
    pause = max(after - before for before, after in pairwise([0.0, *came]))
    return (
        f"{len(came)} of {len(cases)} cases afterwards: the first {came[0]:.1f}, half "
        f"{came[len(came) // 2]:.1f}, the last {came[-1]:.1f} s, longest pause {pause:.1f} s"
    )


def test_a_worker_that_takes_nothing_ends_itself_and_the_next_one_works(live: Stack, cast: Cast):
    sender = Celery(broker=live.redis.url)
    sender.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    here = [f"cpu@{socket.gethostname()}"]
    # A worker that has just become ready may not hear it yet.
    until(lambda: sender.control.cancel_consumer("cpu", destination=here, reply=True))
    case = submit_case(cast, drawn_field(1))

    worker = live.children["worker-cpu"].process
    assert until(worker.poll, seconds=60) == EXIT_STALLED

    live.start()
    until(lambda: is_ready(case), seconds=120)


SIGNED_IN = {"Cookie": "sessionid=" + "a" * 32}


def ask(stack: Stack, path: str, headers: dict[str, str]) -> HTTPResponse:
    line = HTTPConnection(urlsplit(stack.url).netloc, timeout=30)
    line.request("GET", path, headers=headers)
    return line.getresponse()


def test_a_database_that_hangs_is_said_within_seconds_and_forgotten_as_fast(live: Stack):
    with live.frozen("postgres"):
        page, problem = ask(live, "/patients/", SIGNED_IN), ask(live, "/api/v1/me/", SIGNED_IN)
        assert ask(live, "/healthz/live", {}).status == 200
        assert ask(live, "/healthz/ready", {}).status == 503
    assert (page.status, problem.status) == (503, 503)
    assert page.headers["Retry-After"] and problem.headers["Retry-After"]
    assert b"Not available at this moment" in page.read()
    assert json.load(problem)["code"] == "database_away"
    until(lambda: ask(live, "/api/v1/me/", SIGNED_IN).status == 401, seconds=10)
