"""An administrator at work: what happened, who reads for us, and what would be lost by a click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actors import actor_of_user
from accounts.models import ReadingAgreement
from cases.choices import CaseStatus
from cases.services.reading import cells_correct
from cases.services.review import case_claim
from cases.services.signing import case_sign
from inference.choices import CellClass
from tests.cases.reading import SIGNATURE, case_in_review, cells_named, ready_case
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LINE_PX = 36


@pytest.fixture
def administrator(live: Stack, cast: Cast, chromium: Any) -> Iterator[Desk]:
    desk = Desk(chromium, live, cast.administrator)
    yield desk
    desk.close()


def test_the_log_is_found_in_words_read_in_lines_and_proved_by_a_button(
    cast: Cast, administrator: Desk
):
    case = case_in_review(cast, {CellClass.BLAST: 3, CellClass.UNIDENTIFIED: 1})
    reader = actor_of_user(cast.first_reader)
    cells = cells_named(case, CellClass.UNIDENTIFIED)
    cells_correct(actor=reader, case=case, cell_ids=cells, cell_class=CellClass.MONOCYTE)
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    page = administrator.page
    page.goto("/audit/")
    assert page.locator("#actions option").count() > 20
    look_for(page, person="mira", action="sign")
    signed = page.locator("tbody tr", has_text=case.accession)
    signed.first.wait_for()
    assert "signed" in signed.first.inner_text().lower()

    look_for(page, person="", action="", obj=case.accession)
    rows = page.locator("tbody tr")
    corrected = rows.filter(has_text="Monocyte").first
    words = corrected.inner_text()
    assert "→" in words
    assert "picture" in words.lower()
    assert cells[0].hex not in words.replace("-", "")
    heights = rows.evaluate_all("(all) => all.map((row) => row.getBoundingClientRect().height)")
    assert max(heights) <= LINE_PX, "one line a row"
    assert corrected.get_by_role("link", name=case.accession).count() == 1

    page.get_by_role("button", name="Verify").click()
    administrator.sees("every link holds", within="#proof")


def look_for(page: Any, **what: str) -> None:
    for name, text in what.items():
        page.fill(f"main [name={name}]", text)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_an_agreement_is_ended_with_open_eyes_and_its_gap_stays_in_sight(
    cast: Cast, administrator: Desk, reader: Desk
):
    waits, held = ready_case(cast), ready_case(cast)
    case_claim(actor=actor_of_user(cast.first_reader), case=held)
    assert held.clinic.cases.filter(status=CaseStatus.IN_REVIEW).count() == 1
    reader.page.goto("/queue/")
    reader.page.locator("#live[data-state=live]").wait_for()
    page = administrator.page
    page.goto(f"/organisations/{cast.clinic.pk}/")
    page.get_by_role("link", name="End:").click()
    administrator.sees("1 case of Riverside Clinic waits for a reader; 1 is in the hands")
    page.get_by_role("link", name="Keep it").click()
    assert ReadingAgreement.objects.get(clinic=cast.clinic).is_active

    page.get_by_role("link", name="End:").click()
    page.get_by_role("button", name="End the agreement").click()
    administrator.sees("Ended", within="#content")
    assert not ReadingAgreement.objects.get(clinic=cast.clinic).is_active
    reader.sees("What you may see has changed", seconds=15)
    assert reader.page.get_by_text(waits.accession).count() == 0

    page.select_option("main [name=laboratory]", label="Central Laboratory")
    page.get_by_role("button", name="Let it read for us").click()
    until(lambda: ReadingAgreement.objects.filter(clinic=cast.clinic).count() == 2)
    rows = page.locator("tbody tr").all_inner_texts()
    assert sorted(row.split()[2] for row in rows) == ["Ended", "Reads"]


def test_a_model_is_told_on_one_screen_and_the_rest_is_folded(live: Stack, reader: Desk):
    page = reader.page
    page.goto("/models/")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/models/*/")
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 2 * 900, "it was 8,393 px long"
    assert page.locator("main figure svg, main svg").count() >= 2, "two curves"
    assert page.locator("main details").count()
    assert not page.locator("main details[open]").count()
    page.locator("main details summary").first.click()
    assert page.evaluate("document.documentElement.scrollHeight") > height
