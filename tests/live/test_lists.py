"""Queue and lists in a browser, by a hurried person: found by typing, walked by keys, in place."""

from __future__ import annotations

import os

import pytest
from django.utils import timezone

from cases.choices import CaseStatus
from cases.models import Case
from cases.services.standing import weigh
from cases.services.transitions import announce
from inference.choices import CellClass
from tests import factories
from tests.cases.reading import add_image

pytestmark = [pytest.mark.browser]

NAMES = ("Maria Okonkwo", "Zoë Müller-Łukasik", "Maria de los Ángeles Hernández-Villanueva Okonkwo")
_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_FRAME = """(() => {
    const frame = document.querySelector('.table-frame');
    return frame.scrollWidth - frame.clientWidth;
})()"""
_HERE = "document.activeElement.textContent"


@pytest.fixture
def waiting(cast) -> list[Case]:
    """Four cases that wait, the last one in the reader's hands."""
    cases = []
    for number, name in enumerate((*NAMES, "Ana Mine")):
        case = factories.CaseFactory(
            patient=factories.PatientFactory(clinic=cast.clinic, name=name),
            accession=f"RIV-2026-00000{number}",
            status=CaseStatus.READY if number < 3 else CaseStatus.IN_REVIEW,
            assignee=None if number < 3 else cast.first_reader,
            submitted_at=timezone.now(),
        )
        blasts = {CellClass.BLAST: 3 - number, CellClass.LYMPHOCYTE: 110}
        add_image(case, blasts if number < 3 else {})
        cases.append(case)
    weigh(cases[3])
    return cases


def test_a_queue_is_searched_walked_and_kept_in_place(reader, waiting):
    page = reader.page
    page.goto("/queue/")
    rows = page.locator("#rows tr[data-row]")
    assert rows.count() == 4
    assert "Ana Mine" in rows.nth(0).text_content()
    assert "mine" in rows.nth(0).get_attribute("class")
    _look(reader, "queue")

    page.keyboard.press("/")
    page.keyboard.type("claim maria c", delay=5)  # c claims, m leads away: not while one types
    assert page.locator("#id_text").input_value() == "claim maria c"
    assert not Case.objects.filter(status=CaseStatus.IN_REVIEW).exclude(pk=waiting[3].pk).exists()
    page.locator("#id_text").fill("okonkwo maria")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "text=okonkwo" in address)
    found = rows.locator("th a").all_text_contents()
    assert sorted(found) == ["RIV-2026-000000", "RIV-2026-000002"]

    page.locator("summary", has_text="Keep this view").click()
    page.fill("#view-name", "Marias")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("link", name="Marias").wait_for()
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url("**/queue/")

    page.get_by_role("link", name="Patient", exact=True).click()
    page.wait_for_url(lambda address: "order=patient" in address)
    names = [row.split("RIV")[0] for row in rows.all_text_contents()]
    assert "Maria de los" in rows.nth(1).text_content(), names

    reader.mark()
    for key in "jjk":
        page.keyboard.press(key)
    assert page.evaluate(_HERE) == rows.nth(0).locator("th a").text_content()
    page.keyboard.press("j")
    before = rows.locator("th a").all_text_contents()
    young = factories.CaseFactory(
        patient__clinic=waiting[0].clinic, status="ready", submitted_at=timezone.now()
    )
    announce(young, "case.status", {"status": "ready"})
    reader.sees("1 new at the end", seconds=30)
    assert rows.locator("th a").all_text_contents() == [*before, young.accession]
    assert page.evaluate(_HERE) == before[1]
    assert reader.is_unmoved()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{waiting[2].pk}/")


def test_a_clinics_and_a_patients_list_fit_and_open_by_a_click_anywhere(clinic, waiting):
    page = clinic.page
    for address, name in (("/cases/", "cases"), ("/patients/", "patients")):
        page.goto(address)
        _look(clinic, name)
    page.locator("tbody tr", has_text="Okonkwo").first.locator("td").nth(2).click()
    page.wait_for_url("**/patients/*-*/")
    page.goto("/cases/?q=hernandez")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{waiting[2].pk}/")
    page.goto("/queue/")
    assert "Your role does not allow this" in page.content()


def _look(desk, name: str) -> None:
    """Nothing runs sideways at any width; with TELEPATH_TEST_PICTURES=DIR, pictures stay there."""
    folder = os.environ.get("TELEPATH_TEST_PICTURES")
    for width in (1920, 390, 1280):
        desk.page.set_viewport_size({"width": width, "height": 900})
        assert desk.page.evaluate(_WIDE) <= 0, width
        assert desk.page.evaluate(_FRAME) <= 0, width
        for scheme in ("dark", "light") if folder else ():
            desk.page.emulate_media(color_scheme=scheme)
            desk.page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png")
