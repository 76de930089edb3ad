"""Whatever happens in a day, no log says whose it was."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.actors import actor_of_user
from accounts.choices import Role
from cases.choices import CaseStatus
from cases.models import Case, Patient, ReportVersion
from cases.selectors.cells import cells_of
from cases.services.intake import case_open
from cases.services.reading import cells_correct
from cases.services.review import case_claim
from cases.services.submission import case_submit
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.stack import Stack, until
from tests.live.tus import TusClient
from tests.live.visitor import Visitor
from tests.live.work import drawn_field
from tests.servers import STARTED

pytestmark = [pytest.mark.kills, pytest.mark.timeout(240)]

NAME, MRN, BORN = "Zephyrine Quillfeather", "ZQ-99-7731", datetime.date(2016, 2, 29)
DOUBLE, INVITED, MISTYPED = "Ottoline Quillfeather", "wilhelmina.new@example.org", "ZQ-4410-MISS"
SECRETS = (
    *(word for name in (NAME, DOUBLE) for word in name.lower().split()),
    *(MRN.lower(), MISTYPED.lower(), "zq997731", "zq4410miss"),
    *(f"{BORN:%Y-%m-%d}", f"{BORN:%d.%m.%Y}", "29 feb 2016", "feb. 29, 2016", "2016, 2, 29"),
    *(INVITED, PASSWORD.lower()),
)


def test_a_whole_run_leaves_no_name_no_number_no_birth_date_and_no_token(live: Stack, cast: Cast):
    begun = sizes(live)
    nurse = Visitor(live, cast.submitter)
    tokens = [*a_newcomer(live, cast), *a_forgotten_password(live, cast)]

    patient = registered(nurse)
    twice_and_wrongly(nurse)
    searched_by(nurse, cast, patient)
    case, bearer = sent(live, cast, patient)
    listened_to(live, nurse)
    tokens += bearer
    signed(live, cast, case)
    errors_of_ours(live, nurse, cast, patient)

    said = {path: text_since(path, begun.get(path, 0)) for path in logs_of(live)}
    assert_everything_was_logged(said)
    found = [
        f"{path.name}: {line.strip()}"
        for path, text in said.items()
        for line in text.splitlines()
        if any(secret in line.lower() for secret in [*SECRETS, *map(str.lower, tokens)])
    ]
    assert not found, "\n".join(found[:40])


def logs_of(live: Stack) -> list[Path]:
    """Of every process: web, workers, scheduler, Redis, and PostgreSQL if it is ours."""
    mails = (
        live.folder / "mail"
    )  # they must hold the links; files of their own, for want of a server
    ours = [path for path in live.folder.rglob("*.log") if mails not in path.parents]
    return [*ours, *(server.prepared.log for server in STARTED.values())]


def sizes(live: Stack) -> dict[Path, int]:
    return {path: path.stat().st_size for path in logs_of(live)}


def text_since(path: Path, offset: int) -> str:
    return path.read_bytes()[offset:].decode(errors="replace").replace("%20", " ")


def assert_everything_was_logged(said: dict[Path, str]) -> None:
    """A log that is silent proves nothing: what happened is in it, under numbers of ours."""
    by_name = {path.name: text for path, text in said.items()}
    web = by_name["web.log"]
    assert "GET /patients/ 200" in web
    assert "POST /patients/new/ 500" in web
    assert re.search(r"IntegrityError.*23514.*no_such_name", web)
    assert "cases.tasks.ingest_image" in by_name["worker-cpu.log"]
    assert re.search(r"IntegrityError.*23514.*no_such_file", by_name["worker-cpu.log"])


def a_newcomer(live: Stack, cast: Cast) -> list[str]:
    """She is invited, follows the link of the mail, and begins. The words of the link."""
    invited = Visitor(live, cast.administrator).send(
        "/people/invite/",
        email=INVITED,
        name=DOUBLE,
        organisation=str(cast.clinic.pk),
        role=Role.SUBMITTER.value,
    )
    assert "is invited" in invited.text
    address = link_in_a_mail(live, INVITED, "/invitation/")
    newcomer = Visitor(live)
    newcomer.get(address, next=f"/patients/?q={NAME}")
    began = newcomer.send(address, name=DOUBLE, password=PASSWORD, again=PASSWORD)
    assert began.ok and "/invitation/" not in began.url
    return [address.strip("/").split("/")[-1]]


def a_forgotten_password(live: Stack, cast: Cast) -> list[str]:
    stranger = Visitor(live)
    assert stranger.send("/account/password/reset/", email=cast.colleague.email).ok
    address = link_in_a_mail(live, cast.colleague.email, "/account/password/reset/key/")
    assert stranger.get(address).ok
    return [address.strip("/").split("/")[-1]]


def link_in_a_mail(live: Stack, to: str, path: str) -> str:
    def found() -> str:
        for mail in (live.folder / "mail").glob("*"):
            text = mail.read_text().replace("=\n", "").replace("=3D", "=")
            if f"To: {to}" in text and (link := re.search(rf"https?://\S*{path}\S+", text)):
                return urlsplit(link[0]).path
        return ""

    return until(found, seconds=30)


def registered(nurse: Visitor) -> Patient:
    done = nurse.send("/patients/new/", **typed())
    assert done.ok and "/patients/" in done.url, done.text
    return Patient.objects.get(mrn=MRN)


def typed(*, name: str = NAME, mrn: str = MRN) -> dict[str, str]:
    born = f"{BORN:%Y-%m-%d}"
    return {"name": name, "mrn": mrn, "birth_date": born, "sex": "female"}


def twice_and_wrongly(nurse: Visitor) -> None:
    """The same number again; what no field takes; an address that does not exist."""
    assert "/new/" in nurse.send("/patients/new/", **typed(name=DOUBLE)).url
    assert "/new/" in nurse.send("/patients/new/", **typed(mrn="\x00" + MRN * 9)).url
    assert nurse.get(f"/patients/{MRN}/").status_code == 404
    assert nurse.get(f"/{NAME}").status_code == 404
    assert nurse.get(f"/api/v1/patients/{MRN}/").status_code in {401, 404}


def searched_by(nurse: Visitor, cast: Cast, patient: Patient) -> None:
    for page in ("/patients/", "/cases/", "/cases/rows/", "/queue/", "/api/v1/patients/"):
        for words in (NAME, MRN, f"{BORN:%Y-%m-%d}", f"{BORN:%d.%m.%Y}"):
            nurse.get(page, q=words)
    assert nurse.get(f"/patients/{patient.pk}/").ok
    nurse.send("/account/logout/")
    assert nurse.get("/patients/", q=NAME).url.endswith(quote(f"?q={quote_plus(NAME)}", safe=""))
    nurse.sign_in(cast.submitter)


def sent(live: Stack, cast: Cast, patient: Patient) -> tuple[Case, list[str]]:
    """A case with one picture, whose file bears the name, analysed and ready; and the token."""
    actor = actor_of_user(cast.submitter)
    case = case_open(
        actor=actor,
        patient=patient,
        specimen="peripheral_blood",
        stain="giemsa",
        clinical_information=f"{NAME}, born {BORN}, has fever.",
    )
    machine = TusClient(live, cast)
    picture = drawn_field(21)
    location = machine.begin(case, len(picture), f"{NAME} {MRN}.png")
    assert machine.append(location, 0, picture) == 204
    case_submit(actor=actor, case=case)
    until(lambda: Case.objects.get(pk=case.pk).status == CaseStatus.READY, seconds=120)
    return case, [machine.headers["Authorization"].split()[1]]


def listened_to(live: Stack, nurse: Visitor) -> None:
    address = f"{live.url.replace('http', 'ws')}/ws/live/?watching={quote(NAME)}"
    headers = {"Cookie": nurse.cookies, "Origin": live.url}
    with connect(address, additional_headers=headers) as socket:
        socket.send(f'{{"subscribe": "{NAME}"}}')
        with suppress(TimeoutError, ConnectionClosed):
            socket.recv(timeout=2)


def signed(live: Stack, cast: Cast, case: Case) -> None:
    actor = actor_of_user(cast.first_reader)
    case_claim(actor=actor, case=Case.objects.get(pk=case.pk))
    cells = [cell.id for cell in cells_of(case)]
    cells_correct(actor=actor, case=case, cell_ids=cells, cell_class="lymphocyte")
    reader = Visitor(live, cast.first_reader)
    signature = reader.send(
        f"/cases/{case.pk}/sign/",
        password=PASSWORD,
        meaning="authorship",
        conclusion="inadequate",
        comment=f"{NAME} ({MRN}): please send another smear.",
    )
    assert signature.ok, signature.text
    report = ReportVersion.objects.get(case=case)
    until(lambda: ReportVersion.objects.get(pk=report.pk).pdf_key)
    assert reader.get(f"/cases/{case.pk}/reports/1/report.pdf").ok


def errors_of_ours(live: Stack, nurse: Visitor, cast: Cast, patient: Patient) -> None:
    """Defects that carry a whole row in their text: one for a page, one for a worker."""
    with refusing("cases_patient", "no_such_name", f"name <> '{DOUBLE}'"):
        broken = nurse.send("/patients/new/", **typed(name=DOUBLE, mrn=MISTYPED))
        assert broken.status_code == 500
    with refusing(
        "cases_smearimage", "no_such_file", "filename NOT LIKE 'x %' OR status = 'received'"
    ):
        machine = TusClient(live, cast)
        case = case_open(
            actor=actor_of_user(cast.submitter),
            patient=patient,
            specimen="peripheral_blood",
            stain="giemsa",
            clinical_information=NAME,
        )
        picture = drawn_field(22)
        machine.append(machine.begin(case, len(picture), f"x {NAME}"), 0, picture)
        log = live.folder / "log" / "worker-cpu.log"
        until(lambda: "no_such_file" in log.read_text(errors="replace"))


@contextmanager
def refusing(table: str, name: str, rule: str) -> Iterator[None]:
    """Inside the block the database refuses rows in a way that no code of ours foresees."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
