"""The main job: one case from clinic to signature, two browsers at once, on real fields."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pypdf import PdfReader

from accounts.models import AuditEvent
from cases.models import Case
from tests import servers
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.real_data, pytest.mark.timeout(300)]


def test_a_case_goes_from_clinic_to_signature_while_both_look_on(
    live: Stack, cast: Cast, clinic: Desk, reader: Desk, chromium: Any, real_data: Path
):
    reader.page.goto("/queue/")
    reader.sees("Nothing waits for a reading")
    reader.mark()

    case = register_and_open(clinic)
    send_three_fields(clinic, real_data)
    watch_the_analysis(live, clinic)

    reader.sees(case.accession)
    assert reader.is_unmoved()
    read_and_sign(reader, case)

    clinic.sees("Signed", within="#head")
    assert clinic.is_unmoved()
    read_the_paper(clinic, case)
    look_into_the_log(Desk(chromium, live, cast.administrator), case)
    find_the_changed_byte(cast)


def register_and_open(clinic: Desk) -> Case:
    page = clinic.page
    page.goto("/patients/new/")
    clinic.enter(mrn="MRN-7", name="Zoë Ødegård", sex="female", birth_date="2018-03-09")
    page.locator("main form button[type=submit], .button-primary").first.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    page.goto(page.url + "cases/new/")
    clinic.enter(
        specimen="peripheral_blood",
        stain="giemsa",
        clinical_information="Fever, pallor, bruises for two weeks.",
    )
    page.locator(".button-primary").first.click()
    page.wait_for_selector("#drop")
    return Case.objects.get()


def send_three_fields(clinic: Desk, real_data: Path) -> None:
    fields = sorted((real_data / "taleqani" / "fields" / "Pre").glob("*.jpg"))[100:400:100]
    clinic.page.set_input_files("#files", [str(path) for path in fields])
    ready = clinic.page.locator("#pictures .status-ok", has_text="Ready")
    until(lambda: ready.count() == 3)


def watch_the_analysis(live: Stack, clinic: Desk) -> None:
    """With the worker away nothing moves; once it is back, the open page follows it."""
    live.kill("worker-inference")
    clinic.page.keyboard.press("s")
    clinic.sees("Waiting for analysis")
    clinic.mark()
    live.start("worker-inference")
    analysed = clinic.page.locator("#pictures .status-succeeded")
    until(lambda: analysed.count() == 3, seconds=90)
    clinic.sees("Ready for review", within="#head")
    assert clinic.is_unmoved()


def read_and_sign(reader: Desk, case: Case) -> None:
    page = reader.page
    page.get_by_role("button", name=f"Claim {case.accession}").click()
    page.wait_for_selector("[data-cell]")
    page.wait_for_load_state("load")
    counted = page.locator("[data-row='count-lymphocyte'] td.number").first
    before = int(counted.inner_text())
    correct_by_key(page, page.locator("[data-cell]:not([data-effective='lymphocyte'])").first)
    until(lambda: int(counted.inner_text()) == before + 1)
    name_the_unidentified(page)
    blasts = int(page.locator("[data-row='count-blast'] td.number").first.inner_text())
    page.keyboard.press("s")
    page.wait_for_url(re.compile("/sign/$"))
    reader.enter(
        conclusion="suspected_all" if blasts else "no_blasts",
        comment="Reviewed on the platform.",
        meaning="authorship",
        password=PASSWORD,
    )
    page.keyboard.press("Control+Enter")
    reader.sees("is signed and released")


def correct_by_key(page: Any, cell: Any) -> None:
    """Choose the cell, see it chosen, then press the key that the table prints for lymphocytes."""
    key = page.locator("#count button[data-class='lymphocyte']").get_attribute("data-key")
    this = page.locator(f"#{cell.get_attribute('id')}")
    this.click()
    until(lambda: this.get_attribute("aria-pressed") == "true", seconds=20)
    page.keyboard.press(key)


def name_the_unidentified(page: Any) -> None:
    unidentified = page.locator("[data-cell][data-effective='unidentified'][data-corrected='']")
    while left := unidentified.count():
        correct_by_key(page, unidentified.first)
        until(lambda left=left: unidentified.count() < left)


def read_the_paper(clinic: Desk, case: Case) -> None:
    clinic.page.goto(f"/cases/{case.pk}/reports/1/")
    address = clinic.page.get_by_role("link", name=re.compile("PDF")).get_attribute("href")
    paper = clinic.context.request.get(address)
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.body())).pages)
    for words in (case.accession, "Ødegård", "Dr. Mira Keller", case.reports.get().sha256[:8]):
        assert words in text


def look_into_the_log(administrator: Desk, case: Case) -> None:
    administrator.page.goto("/audit/")
    seen = administrator.page.locator("main").inner_text()
    for person in ("Nurse Sana Ito", "Dr. Mira Keller"):
        assert person in seen
    done = set(AuditEvent.objects.filter(object_id=str(case.pk)).values_list("action", flat=True))
    assert {"case.submit", "case.claim", "case.sign", "case.view"} <= done
    administrator.close()


def find_the_changed_byte(cast: Cast) -> None:
    """A superuser looks away with the trigger and changes one letter; the chain tells."""
    call_command("verify_audit")
    event = AuditEvent.objects.filter(chain=cast.clinic.pk, action="case.sign").get()
    admin = servers.STARTED["DATABASE_URL"].admin_url.rsplit("/", 1)[0]
    with psycopg.connect(f"{admin}/{connection.settings_dict['NAME']}") as superuser:
        superuser.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        superuser.execute(
            "UPDATE accounts_auditevent SET actor_name = overlay(actor_name placing 'X' from 1)"
            " WHERE id = %s",
            [event.pk],
        )
        superuser.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER USER")
    output = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=output, stderr=output)
    assert str(event.sequence) in output.getvalue()
