"""A nurse in a hurry, a colleague at the next screen, and what people paste into fields."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from cases.choices import CaseStatus
from cases.models import Case, Patient, SmearImage
from inference.choices import RunStatus
from tests import factories
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import Stack
from tests.live.work import open_case, register_patient

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

_BOXES = """(fields) => fields.filter((one) => one.offsetParent).map((one) => {
    const { top, height } = one.getBoundingClientRect();
    return [one.name, Math.round(top), Math.round(height)];
})"""
_SIDEWAYS = """() => Math.max(...[document.documentElement, ...document.querySelectorAll(
    ".table-frame")].map((one) => one.scrollWidth - one.clientWidth))"""
_FIELDS = "main input:not([type=hidden]), main select"
ENDLESS = "Hubertus" * 14


def test_a_child_is_registered_once_with_everything_that_identifies_it(cast: Cast, clinic: Desk):
    page = clinic.page
    page.goto("/patients/new/")
    one_row_one_height(page)
    clinic.enter(name="Baby Wafula", mrn="MRN-8", birth_date="2026-01-05")
    page.keyboard.press("Control+Enter")
    refused_at(page, "sex", "Please fill this in")
    one_row_one_height(page)
    assert not Patient.objects.exists(), "nobody is a girl because nothing was chosen"
    what_is_pasted_is_whole_or_refused(clinic)

    known = register_patient(cast, "DEMO-1")
    clinic.enter(name=known.name, mrn="MRN-9", birth_date=str(known.birth_date), sex="female")
    page.keyboard.press("Control+Enter")
    clinic.sees("is registered already: Amara Okafor, record number DEMO-1")
    assert (
        page.get_by_role("link", name="Amara Okafor")
        .get_attribute("href")
        .endswith(f"/patients/{known.pk}/")
    )
    assert Patient.objects.count() == 1
    page.get_by_label("This is another person").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    assert Patient.objects.count() == 2


def one_row_one_height(page: Any) -> None:
    boxes = page.locator(_FIELDS).evaluate_all(_BOXES)
    assert len({height for _, _, height in boxes}) == 1, boxes
    tops = sorted({top for _, top, _ in boxes})
    assert all(low - high > 32 for high, low in zip(tops, tops[1:], strict=False)), boxes


def refused_at(page: Any, name: str, words: str) -> None:
    field = page.locator(f"main [name={name}]")
    page.locator(f"#{field.get_attribute('id')}_error", has_text=words).wait_for()
    assert page.evaluate("document.activeElement.name") == name


def what_is_pasted_is_whole_or_refused(clinic: Desk) -> None:
    """A number that the browser cut off would be another child's."""
    page = clinic.page
    for name, pasted, words in (
        ("mrn", "7" * 400, "This has 400 characters, and at most 40 fit"),
        ("name", "Ana \u202eazuoS", "turns letters around"),
        ("name", "\u00a0\u200b", "name is missing"),
    ):
        clinic.enter(name="Baby Wafula", mrn="MRN-8", sex="female")
        clinic.enter(**{name: pasted})
        page.keyboard.press("Control+Enter")
        refused_at(page, name, words)
        assert page.locator(f"[name={name}]").input_value() == pasted
        assert page.locator("[name=birth_date]").input_value() == "2026-01-05"
    assert not Patient.objects.exists()


def test_two_people_at_one_case_lose_no_word_of_each_other(
    live: Stack, cast: Cast, clinic: Desk, chromium: Any
):
    case = open_case(cast)
    other = Desk(chromium, live, cast.colleague)
    for desk in (clinic, other):
        desk.page.goto(f"/cases/{case.pk}/edit/")
    clinic.enter(priority="2")
    clinic.page.locator("h1").click()
    saved(other, haemoglobin="6.1", clinical_information="Fever. Bleeding since this morning.")
    saved(clinic)
    now = Case.objects.get(pk=case.pk)
    assert (now.priority, now.haemoglobin) == (2, Decimal("6.10"))
    assert "Bleeding" in now.clinical_information

    for desk in (clinic, other):
        desk.page.goto(f"/cases/{case.pk}/edit/")
    saved(other, haemoglobin="7.4")
    clinic.enter(haemoglobin="5.9")
    clinic.page.keyboard.press("Control+Enter")
    clinic.sees("somebody changed this to “7.40”")
    assert clinic.page.locator("[name=haemoglobin]").input_value() == "5.9"
    saved(clinic)
    assert Case.objects.get(pk=case.pk).haemoglobin == Decimal("5.90")

    clinic.page.goto(f"/patients/{case.patient_id}/edit/")
    other.page.goto(f"/patients/{case.patient_id}/edit/")
    saved(other, birth_date="2017-01-02")
    saved(clinic, name="Amara Adaeze Okafor")
    person = Patient.objects.get()
    assert (person.name, person.birth_date) == ("Amara Adaeze Okafor", datetime.date(2017, 1, 2))
    other.close()


def saved(desk: Desk, **typed: str) -> None:
    desk.enter(**typed)
    desk.page.keyboard.press("Control+Enter")
    desk.page.wait_for_url(lambda address: "/edit/" not in address)


def test_each_picture_has_its_own_state_and_no_name_pushes_a_page_aside(
    live: Stack, cast: Cast, clinic: Desk, chromium: Any
):
    case = half_analysed(cast)
    page = clinic.page
    page.goto(f"/cases/{case.pk}/")
    states = page.locator("[data-run-state]").all_inner_texts()
    assert states == ["Analysed", "Analysing", "No AI result"]
    assert page.locator("progress").count() == 1
    assert page.locator("[data-analysis-text]").inner_text() == "2 of 3 analysed · 79 %"

    Patient.objects.filter(pk=case.patient_id).update(name=ENDLESS, mrn="9" * 40)
    administrator = Desk(chromium, live, cast.administrator)
    for desk, address in (
        (clinic, f"/cases/{case.pk}/"),
        (clinic, f"/patients/{case.patient_id}/"),
        (clinic, "/patients/"),
        (clinic, "/cases/"),
        (administrator, f"/patients/{case.patient_id}/access/"),
        (administrator, "/audit/"),
    ):
        desk.page.goto(address)
        for width in (1280, 390):
            desk.page.set_viewport_size({"width": width, "height": 900})
            assert desk.page.evaluate(_SIDEWAYS) <= 0, (address, width)
    administrator.close()


def half_analysed(cast: Cast) -> Case:
    """Three pictures: one done, one at 37 %, one that failed."""
    case = open_case(cast)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.ANALYSING)
    for position, (status, progress) in enumerate(
        ((RunStatus.SUCCEEDED, 100), (RunStatus.RUNNING, 37), (RunStatus.FAILED, 60)), start=1
    ):
        later = timezone.now() + datetime.timedelta(hours=1)
        run = factories.AnalysisRunFactory(status=status, progress=progress, due_at=later)
        factories.SmearImageFactory(case=case, position=position, run_id=run.pk)
    assert SmearImage.objects.count() == 3
    return case
