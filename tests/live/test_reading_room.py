"""The reader's desk as a room: all in sight on a small screen, panes, many cells, a finger."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import CellCorrection
from cases.selectors.gallery import PAGE
from inference.choices import CellClass
from tests.cases.reading import case_in_review
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NEEDED = (
    "#viewer",
    "#film",
    "#gallery",
    "[data-cell][aria-pressed=true]",
    "#count [data-class=not_a_cell]",
    "#agree",
    "#back",
    "#undo",
    "#chosen .lens",
    "#head .button-primary",
    "#saving",
)
_SCROLLS = """[document.documentElement, document.querySelector('.page-body')].some(
    one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)"""
MANY = PAGE + 30


def open_page(reader: Desk, case: Any, width: int = 1280, height: int = 800) -> Any:
    reader.page.set_viewport_size({"width": width, "height": height})
    reader.page.goto(f"/cases/{case.pk}/")
    reader.page.wait_for_load_state("load")
    return reader.page


def number(page: Any, group: str) -> int:
    return int(page.locator(f"#count tr[data-code='{group}'] [data-count]").inner_text())


def blasts_of_the_film(page: Any) -> str:
    """What stands on the only picture's frame."""
    return str(page.locator(".film-blasts").get_attribute("data-count"))


def width_of(page: Any, selector: str) -> float:
    return float(page.locator(selector).bounding_box()["width"])


def test_all_that_a_reader_needs_is_in_sight_without_scrolling(reader: Desk, cast: Cast):
    case = case_in_review(cast, {CellClass.BLAST: 30, CellClass.UNIDENTIFIED: 12})
    for width, height in ((1280, 800), (1280, 720), (1920, 1080)):
        page = open_page(reader, case, width, height)
        page.keyboard.press("n")
        page.locator("#why > *").first.wait_for()
        for selector in NEEDED:
            box = page.locator(selector).bounding_box()
            assert box["y"] >= 0, (selector, height)
            assert box["y"] + box["height"] <= height, (selector, height)
        assert not page.evaluate(_SCROLLS), (width, height)


def test_panes_are_moved_by_keys_and_stay_as_they_were_left(reader: Desk, cast: Cast):
    page = open_page(reader, case_in_review(cast, {CellClass.BLAST: 3}))
    before = width_of(page, ".review-picture")
    split, under = page.locator(".resize-split"), page.locator(".resize-under")
    for _ in range(3):
        split.press("ArrowLeft")
    assert width_of(page, ".review-picture") < before - 30
    height = page.locator(".review-under").bounding_box()["height"]
    under.press("ArrowUp")
    assert page.locator(".review-under").bounding_box()["height"] == height + 16
    assert int(under.get_attribute("aria-valuenow")) == height + 16
    narrow = width_of(page, ".review-picture")
    page.reload()
    assert width_of(page, ".review-picture") == narrow
    split.dblclick()
    assert abs(width_of(page, ".review-picture") - before) < 1
    page.locator("#tile-size").press("End")
    assert width_of(page, "[data-cell] img >> nth=0") == 200


def test_a_group_of_many_cells_comes_as_it_is_looked_at_and_is_called_at_once(
    reader: Desk, cast: Cast
):
    case = case_in_review(cast, {CellClass.BLAST: MANY, CellClass.LYMPHOCYTE: 2})
    page = open_page(reader, case)
    blasts = page.locator(".gallery-group[data-group=blast] [data-cell]")
    assert blasts.count() == PAGE
    assert blasts_of_the_film(page) == str(MANY), "also those not fetched yet"
    page.locator("#gallery").hover()
    for _ in range(12):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(50)
    until(lambda: blasts.count() == MANY)
    blasts.first.click()
    page.keyboard.press("x")
    until(lambda: blasts_of_the_film(page) == str(MANY - 1))
    page.reload()
    page.locator("[data-cell]").first.click()
    page.keyboard.press("Control+a")
    until(lambda: page.locator("[data-cell][aria-pressed=true]").count() == MANY - 1)
    page.keyboard.press("4")
    until(lambda: CellCorrection.objects.filter(cell_class="monocyte").count() == MANY - 1)
    assert (number(page, "blast"), number(page, "monocyte")) == (0, MANY - 1)
    assert blasts_of_the_film(page) == ""


class Finger:
    """Touches the screen through Chromium itself, as a telephone's screen would."""

    def __init__(self, page: Any) -> None:
        self.page, self.line = page, page.context.new_cdp_session(page)
        self.line.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        self.line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def tap(self, one: Any) -> None:
        self._send("touchStart", [middle(one)])
        self._send("touchEnd", [])

    def carry(self, one: Any, to: Any) -> None:
        """Rest on it until it is picked up, then over to `to`."""
        (start, end), steps = (middle(one), middle(to)), 6
        self._send("touchStart", [start])
        self.page.wait_for_timeout(500)
        for step in range(1, steps + 1):
            share = step / steps
            self._send("touchMove", [{k: start[k] + share * (end[k] - start[k]) for k in start}])
        self._send("touchEnd", [])


def middle(one: Any) -> dict[str, float]:
    box = one.bounding_box()
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def test_a_finger_chooses_a_cell_calls_it_from_the_sheet_and_carries_another(
    reader: Desk, cast: Cast
):
    case = case_in_review(cast, {CellClass.BLAST: 14, CellClass.LYMPHOCYTE: 3})
    page = open_page(reader, case, 390, 844)
    finger = Finger(page)
    blasts = page.locator(".gallery-group[data-group=blast] [data-cell]")
    blasts.nth(13).scroll_into_view_if_needed()
    finger.tap(blasts.nth(13))
    sheet = page.locator(".sheet")
    sheet.wait_for()
    cell, below = page.locator("[data-cell][aria-pressed=true]").bounding_box(), sheet
    assert cell["y"] + cell["height"] <= below.bounding_box()["y"], (
        "the sheet covers no chosen cell"
    )
    assert "Blast, suggested" in sheet.inner_text()
    finger.tap(sheet.get_by_text("Monocyte"))
    until(lambda: number(page, "monocyte") == 1)
    finger.tap(sheet.get_by_text("Close"))
    sheet.wait_for(state="hidden")
    page.locator("#group-lymphocyte").scroll_into_view_if_needed()
    finger.carry(blasts.last, page.locator("#group-lymphocyte"))
    until(lambda: number(page, "lymphocyte") == 4)
    until(lambda: CellCorrection.objects.filter(case=case).count() == 2)
    assert not page.evaluate("document.documentElement.scrollWidth > 390")
