"""What people type and click is done once and lost never: slow lines, Back, reload, sessions."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Draft
from cases.choices import CaseStatus
from cases.models import Case, Patient, ReportVersion, SmearImage
from tests import factories
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SLOW = {"offline": False, "latency": 2500, "downloadThroughput": -1, "uploadThroughput": -1}
COMMENT = "Send marrow for flow cytometry. Telephone 555-0101."


@pytest.fixture
def held(cast) -> Case:
    """A case with pictures, in the first reader's hands, and another that waits."""
    return [_case(cast, number) for number in (1, 2)][0]


def _case(cast, number: int) -> Case:
    mine = number == 1
    case = factories.CaseFactory(
        patient=factories.PatientFactory(clinic=cast.clinic),
        accession=f"RIV-2026-00000{number}",
        status=CaseStatus.IN_REVIEW if mine else CaseStatus.READY,
        assignee=cast.first_reader if mine else None,
        claimed_at=timezone.now() if mine else None,
        submitted_at=timezone.now(),
    )
    run = factories.AnalysisRunFactory(model_version=factories.ModelVersionFactory())
    image = factories.stored_image(case=case, run_id=run.pk)
    SmearImage.objects.filter(pk=image.pk).update(tiles_prefix="")  # its tiles are no tiles
    for place, code in enumerate(["blast"] * 3 + ["lymphocyte"] * 5):
        factories.CellFactory(
            run=run, cell_class=code, x=10 + 25 * place, y=90, width=20, height=20
        )
    return case


def _slow(desk: Desk) -> None:
    desk.context.new_cdp_session(desk.page).send("Network.emulateNetworkConditions", SLOW)


def _quick(desk: Desk) -> None:
    session = desk.context.new_cdp_session(desk.page)
    session.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0})


def _twice(page: Any, button: Any) -> None:
    """A double click, and a third when nothing seems to happen; the mouse waits for no page."""
    box = button.bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.dblclick(*at)
    page.wait_for_timeout(1300)
    page.mouse.click(*at)


def _arrives(page: Any, address: str) -> None:
    """Whichever click's answer comes in the end; the second breaks the first one's navigation."""
    deadline = time.monotonic() + 40
    while not re.search(address, page.url):
        assert time.monotonic() < deadline, page.url
        page.wait_for_timeout(200)
    page.wait_for_load_state()


def test_a_clinic_on_a_slow_line_makes_one_patient_and_one_case_and_loses_no_word(clinic):
    page = clinic.page
    page.goto("/patients/new/")
    focused = "document.activeElement.name"
    assert page.evaluate(focused) in {"name", "mrn"}
    clinic.enter(name="Amara Okafor", mrn="MRN-7")
    page.reload()
    until(lambda: page.locator("[name=name]").input_value() == "Amara Okafor")
    _look(clinic, "draft")
    page.goto("/patients/")
    page.go_back()
    until(lambda: page.locator("[name=mrn]").input_value() == "MRN-7")

    Session.objects.all().delete()  # it ended while she typed
    clinic.enter(birth_date="2018-03-09", sex="male")
    clinic.sees("You were signed out. What you typed is still on this page")
    page.reload()
    clinic.enter(login="sana.ito@example.org", password=PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/new/")
    assert page.locator("[name=name]").input_value() == "Amara Okafor"
    clinic.enter(birth_date="2018-03-09", sex="male")

    _slow(clinic)
    _twice(page, page.get_by_role("button", name=re.compile("^Save")))
    _arrives(page, r"/patients/[0-9a-f-]{36}/$")
    _quick(clinic)
    patient = Patient.objects.get()
    assert patient.sex == "male"
    assert not Draft.objects.exists()

    page.goto(f"/patients/{patient.pk}/cases/new/")
    clinic.enter(specimen="peripheral_blood", stain="giemsa", clinical_information="Fever.")
    _slow(clinic)
    _twice(page, page.get_by_role("button", name=re.compile("^Open")))
    _arrives(page, r"/cases/[0-9a-f-]{36}/$")
    _quick(clinic)
    assert Case.objects.count() == 1
    assert Case.objects.get().clinical_information == "Fever."


def test_a_reader_signs_once_amends_cell_and_words_and_goes_on(reader, held):
    page = reader.page
    page.goto(f"/cases/{held.pk}/")
    page.keyboard.press("s")
    page.wait_for_url("**/sign/")
    assert page.evaluate("document.activeElement.name") == "conclusion"
    reader.enter(conclusion="suspected_all", comment=COMMENT)
    page.locator("h1").click()
    page.keyboard.press("b")
    page.wait_for_url(f"**/cases/{held.pk}/")
    page.keyboard.press("s")
    page.wait_for_url("**/sign/")
    until(lambda: page.locator("[name=comment]").input_value() == COMMENT)
    assert page.locator("[name=conclusion]:checked").get_attribute("value") == "suspected_all"
    _look(reader, "sign")

    reader.enter(meaning="authorship", password="not this one")
    page.keyboard.press("Control+Enter")
    reader.sees("That is not your password")
    assert page.evaluate("document.activeElement.name") == "password"
    assert page.locator("[name=comment]").input_value() == COMMENT
    reader.enter(password=PASSWORD)
    _slow(reader)
    _twice(page, page.get_by_role("button", name=re.compile("^Sign report")))
    _arrives(page, r"/reports/1/$")
    _quick(reader)
    assert page.get_by_text("is signed and released").count() == 1
    assert ReportVersion.objects.count() == 1
    assert not Draft.objects.exists()

    page.get_by_role("button", name="Amend").click()
    reader.sees("You are amending the report")
    _look(reader, "amending")
    _correct(page)
    page.get_by_role("link", name="Give the amendment up").click()
    reader.sees("These changes of yours are put back")
    _look(reader, "abandon")
    page.keyboard.press("Control+Enter")
    reader.sees("was given up")
    page.get_by_role("button", name="Amend").click()
    reader.sees("You are amending the report")
    assert page.locator("[data-row='count-monocyte'] td.number").first.inner_text().strip() == "0"
    _correct(page)
    page.keyboard.press("s")
    page.wait_for_url("**/amend/")
    assert page.locator("[name=comment]").input_value() == COMMENT
    changes = page.locator("#difference")
    until(lambda: "Monocyte" in changes.inner_text())
    reader.enter(reason="A second look.", comment=f"{COMMENT} Urgent.")
    until(lambda: "Urgent." in changes.inner_text())
    page.reload()
    until(lambda: page.locator("[name=reason]").input_value() == "A second look.")
    assert "Urgent." in changes.inner_text()
    _look(reader, "amend")
    reader.enter(meaning="responsibility", password=PASSWORD)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/reports/2/")
    reader.sees("Changed since version 1")
    amended = ReportVersion.objects.get(number=2).content
    assert amended["comment"] == f"{COMMENT} Urgent."
    assert amended["differential"]["reported"]["monocyte"] == 1
    _look(reader, "report")

    page.get_by_role("link", name="Add to the report").click()
    page.wait_for_url("**/append/")
    reader.enter(text="CD10 and CD19 positive.", meaning="authorship", password=PASSWORD)
    _look(reader, "append")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/reports/3/")
    reader.sees("CD10 and CD19 positive.")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/$"), wait_until="commit")
    reader.sees("RIV-2026-000002")


def _correct(page: Any) -> None:
    """The first blast becomes a monocyte, by its key."""
    cell = page.locator("[data-cell]").first
    cell.wait_for()
    cell.click()
    until(lambda: cell.get_attribute("aria-pressed") == "true", seconds=20)
    page.keyboard.press(page.locator("[data-class=monocyte]").first.get_attribute("data-key"))
    counted = page.locator("[data-row='count-monocyte'] td.number").first
    until(lambda: counted.inner_text().strip() == "1", seconds=20)


def _look(desk: Desk, name: str) -> None:
    """With TELEPATH_TEST_PICTURES=DIR: the page at each width, light and dark."""
    if not (folder := os.environ.get("TELEPATH_TEST_PICTURES")):
        return
    for width, scheme in ((1280, "light"), (1920, "dark"), (390, "light")):
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.emulate_media(color_scheme=scheme)
        desk.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    desk.page.set_viewport_size({"width": 1280, "height": 900})
    desk.page.emulate_media(color_scheme="light")
