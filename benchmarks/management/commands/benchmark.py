"""Measurements: of the running platform, and of the engine alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import cv2
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from accounts.actors import Actor, actor_of_user
from accounts.choices import OrganisationKind, Role, TokenScope
from accounts.models import HELD, Membership
from accounts.services.tokens import token_create, token_revoke
from benchmarks.client import PlatformClient, Refused
from benchmarks.management.commands import _decoding as decoding
from benchmarks.management.commands import _engine as engine
from benchmarks.management.commands import _lists as lists
from benchmarks.management.commands import _queue as queue
from benchmarks.management.commands import _reading as reading
from benchmarks.turnaround import NoAnswer, Picture, measure, summary
from cases.choices import CaseStatus
from cases.models import Case
from cases.services.leaving import case_cancel
from inference.engine.synthetic import FieldSpec, render_field
from telepath.core.commands import ExampleCommand


class Command(ExampleCommand):
    help = "Measure the running platform (start it first: make run), or a part of it alone."
    examples = """
    python manage.py benchmark turnaround --cases 50
    python manage.py benchmark turnaround --pictures ../shared/data/taleqani/fields --json
    python manage.py benchmark engine --fields ../shared/data/taleqani/fields
    python manage.py benchmark engine --memory 10000
    python manage.py benchmark decoding
    python manage.py benchmark reading --cells 300 2000 10000
    python manage.py benchmark lists --cases 1000 1000000
    python manage.py benchmark queue --cases 200 --pictures 5
    """

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        turnaround = kinds.add_parser(
            "turnaround",
            help="from the end of the upload until the result can be seen: median and p95",
            description="Submits cases of one picture, one after another, as a machine client of a "
            "clinic, and cancels them at the end, under a patient named after the measurement.",
        )
        turnaround.add_argument("--cases", type=int, default=50, help="how many (default 50)")
        turnaround.add_argument("--pictures", type=Path, help="a folder; default: synthetic ones")
        turnaround.add_argument("--clinic", default="", help="code of the clinic; default: any")
        turnaround.add_argument("--url", default=settings.SITE_URL)
        turnaround.add_argument("--json", action="store_true", help="one line, no progress bar")
        engine.add_arguments(
            kinds.add_parser(
                "engine",
                help="one network run in every way, a field from file to answer, memory over many",
                description="Needs no server and no database.",
            )
        )
        decoding.add_arguments(
            kinds.add_parser(
                "decoding",
                help="pictures read in a process apart, beside the same work in this one",
                description="Needs no server and no database.",
            )
        )
        reading.add_arguments(
            kinds.add_parser(
                "reading",
                help="a reader's corrections and pages by the size of the case: p50, p95, bytes",
                description="Needs PostgreSQL and Redis, no server; in a database of its own.",
            )
        )
        lists.add_arguments(
            kinds.add_parser(
                "lists",
                help="queue, cases, patients and searches by the number of cases, up to a million",
                description="Needs PostgreSQL and Redis, no server; in a database of its own.",
            )
        )
        queue.add_arguments(
            kinds.add_parser(
                "queue",
                help="the page of the queue over analysed cases: statements, bytes, memory, time",
                description="Needs PostgreSQL and Redis, no server; in a database of its own.",
            )
        )

    def handle(self, *args: Any, **options: Any) -> None:
        alone = {
            "decoding": decoding.measured,
            "engine": engine.measured,
            "lists": lists.measured,
            "queue": queue.measured,
            "reading": reading.measured,
        }
        self.stdout.write(alone.get(options["kind"], _platform)(options))


def _platform(options: dict[str, Any]) -> str:
    if options["cases"] < 1:
        raise CommandError("Measure at least one case.")
    try:
        seconds = list(_turnaround(options))
    except (Refused, NoAnswer) as problem:
        raise CommandError(str(problem)) from problem
    except (OSError, HTTPException) as fault:
        raise CommandError(
            f"{options['url']} does not answer ({fault}). Start the platform with `make run`."
        ) from fault
    figures = {"cases": len(seconds), "cores": _cores(), **summary(seconds)}
    return json.dumps(figures) if options["json"] else _in_words(figures)


def _turnaround(options: dict[str, Any]) -> Iterator[float]:
    administrator = _administrator(options["clinic"])
    pictures = tqdm(
        _pictures(options["pictures"], options["cases"]),
        total=options["cases"],
        unit="case",
        disable=options["json"],
    )
    with _machine_client(administrator, options["url"]) as client:
        patient = _register_patient(client, administrator)
        try:
            yield from measure(client, patient=patient, pictures=pictures, is_ready=_is_ready)
        finally:
            _cancel_cases(actor_of_user(administrator.user), UUID(patient))


def _administrator(code: str) -> Membership:
    found = Membership.objects.select_related("user", "organisation").filter(
        HELD,
        role=Role.ADMINISTRATOR,
        user__is_active=True,
        organisation__is_active=True,
        organisation__kind=OrganisationKind.CLINIC,
    )
    member = (found.filter(organisation__code=code) if code else found).order_by("pk").first()
    if member is None:
        raise CommandError("No such clinic with an administrator. `make run` makes demo clinics.")
    return member


@contextmanager
def _machine_client(administrator: Membership, url: str) -> Iterator[PlatformClient]:
    """With a token of its own, worthless afterwards; both stand in the clinic's audit trail."""
    actor: Actor = actor_of_user(administrator.user)
    token, secret = token_create(
        actor=actor,
        organisation=administrator.organisation,
        name="benchmark",
        scopes=[TokenScope.CASES_READ, TokenScope.CASES_WRITE],
        lifetime=timedelta(hours=6),
    )
    try:
        yield PlatformClient(url, secret)
    finally:
        token_revoke(actor=actor, token=token)


def _register_patient(client: PlatformClient, administrator: Membership) -> str:
    answer = client.post(
        "/api/v1/patients/",
        {
            "clinic": str(administrator.organisation_id),
            "mrn": f"BENCHMARK-{uuid4().hex[:8]}",
            "name": "Benchmark (not a person)",
            "sex": "unknown",
            "birth_date": "2000-01-01",
            "is_another": True,
        },
    )
    return str(answer["id"])


def _cancel_cases(actor: Actor, patient: UUID) -> None:
    """Nobody is to read them: they would stand in the queue among those of people."""
    for case in Case.objects.filter(patient=patient).exclude(status=CaseStatus.CANCELLED):
        case_cancel(actor=actor, case=case, reason_code="other", reason="It was a measurement.")


def _pictures(folder: Path | None, wanted: int) -> Iterator[Picture]:
    if folder is None:
        yield from (_drawn(seed) for seed in range(wanted))
        return
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    if len(files) < wanted:
        raise CommandError(f"{folder} holds {len(files)} pictures, fewer than {wanted}.")
    step = len(files) // wanted
    yield from (Picture(path.name, path.read_bytes()) for path in files[::step][:wanted])


def _drawn(seed: int) -> Picture:
    field = render_field(FieldSpec(640, 480), seed)
    content = cv2.imencode(".png", field.rgb[..., ::-1])[1].tobytes()
    return Picture(f"synthetic-{seed}.png", content)


def _is_ready(case: str) -> bool:
    return Case.objects.filter(pk=case, status=CaseStatus.READY).exists()


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _in_words(figures: dict[str, Any]) -> str:
    return (
        f"From the last byte of a picture to its result, {figures['cases']} cases one after "
        f"another on {figures['cores']} cores, measured with everything on one machine: "
        f"half within {figures['p50']:.2f} s, 95 % within {figures['p95']:.2f} s "
        f"(from {figures['min']:.2f} to {figures['max']:.2f} s)."
    )
