"""The reader's desk by mouse and keys, as a hurried person uses it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases.choices import CaseStatus
from cases.models import CellCorrection, HandCell
from cases.selectors.cells import cells_of
from inference.choices import CellClass
from inference.models import Cell
from telepath.core.storage import save_stream
from tests.cases.reading import case_in_review, ready_case
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import until
from tests.live.work import drawn_field

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

FOUND = {CellClass.BLAST: 5, CellClass.LYMPHOCYTE: 4, CellClass.UNIDENTIFIED: 3}


@pytest.fixture
def case(cast: Cast) -> Any:
    return case_in_review(cast, FOUND)


@pytest.fixture
def page(reader: Desk, case: Any) -> Any:
    reader.page.goto(f"/cases/{case.pk}/")
    reader.page.wait_for_load_state("load")
    yield reader.page
    until(lambda: not reader.page.locator("#saving:not([data-state=saved])").count())


def tiles(page: Any, group: str) -> Any:
    return page.locator(f".gallery-group[data-group='{group}'] [data-cell]")


def chosen(page: Any) -> int:
    return page.locator("[data-cell][aria-pressed=true]").count()


def number(page: Any, group: str) -> int:
    return int(page.locator(f"#count tr[data-code='{group}'] [data-count]").inner_text())


def test_cells_are_dragged_onto_a_class_and_onto_a_group(page: Any, case: Any):
    blasts = tiles(page, "blast")
    blasts.first.drag_to(page.locator("#count tr[data-code='monocyte']"))
    until(lambda: number(page, "monocyte") == 1)
    blasts.first.click()
    blasts.nth(1).click(modifiers=["Control"])
    blasts.nth(1).drag_to(page.locator("#group-lymphocyte"))
    until(lambda: number(page, "lymphocyte") == 6)
    until(lambda: CellCorrection.objects.filter(case=case).count() == 3)
    assert number(page, "blast") == 2


def test_a_choice_grows_shrinks_and_takes_a_whole_group(page: Any):
    blasts = tiles(page, "blast")
    blasts.first.click()
    blasts.nth(4).click(modifiers=["Shift"])
    assert chosen(page) == 5
    page.keyboard.press("Shift+ArrowLeft")
    assert chosen(page) == 4
    tiles(page, "lymphocyte").first.click()
    page.keyboard.press("Control+a")
    assert chosen(page) == 4
    assert not page.evaluate("String(getSelection())")
    frame = page.locator(".gallery-group[data-group='blast'] h2").bounding_box()
    page.mouse.move(frame["x"] + 160, frame["y"] + 4)
    page.mouse.down()
    page.mouse.move(frame["x"] + 4, frame["y"] + 60, steps=5)
    page.mouse.up()
    assert 1 <= chosen(page) < 4
    page.locator("#viewer").click(position={"x": 8, "y": 8})
    page.keyboard.press("ArrowRight")
    assert chosen(page) == 1, "arrows walk cells wherever the focus is"
    page.keyboard.press("Escape")
    assert chosen(page) == 0


def test_from_the_next_unidentified_to_the_rest_of_the_group(page: Any, case: Any):
    page.keyboard.press("n")
    assert page.locator("[data-cell][aria-pressed=true]").get_attribute("data-group") == (
        "unidentified"
    )
    page.keyboard.press("2")
    page.keyboard.press("g")
    page.keyboard.press("x")
    until(lambda: number(page, "not_a_cell") == 2)
    assert number(page, "unidentified") == 0
    until(lambda: CellCorrection.objects.filter(case=case).count() == 3)
    page.keyboard.press("u")
    until(lambda: number(page, "unidentified") == 2)


def test_a_case_is_read_from_the_next_unidentified_to_the_signature_by_keys(page: Any, case: Any):
    keyboard = page.keyboard
    keyboard.press("n")
    for key in "222s":
        keyboard.press(key, delay=30)
    page.wait_for_url(re.compile("/sign/$"))
    for field, key in (("conclusion", "Space"), ("meaning", "Space"), ("password", "")):
        reach_by_tab(page, field)
        if key:
            keyboard.press(key)
    keyboard.type(PASSWORD)
    keyboard.press("Control+Enter")
    page.get_by_text("is signed and released").first.wait_for()
    case.refresh_from_db()
    assert case.status == CaseStatus.SIGNED
    said = CellCorrection.objects.filter(case=case, cell_class=CellClass.LYMPHOCYTE)
    assert said.count() == FOUND[CellClass.UNIDENTIFIED]


def reach_by_tab(page: Any, name: str) -> None:
    for _ in range(40):
        if page.evaluate("document.activeElement?.name") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"No field {name!r} is reached by Tab.")


def test_what_is_typed_for_a_search_never_runs_a_command(page: Any, case: Any):
    page.keyboard.press("ArrowRight")
    page.keyboard.type("/x1")
    assert page.locator("#search-all").input_value() == "x1"
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert not CellCorrection.objects.filter(case=case).exists()


def show_a_picture(page: Any, case: Any) -> None:
    image = case.images.get()
    key = f"images/{image.pk}/display.png"
    save_stream(key, [drawn_field(1, image.width, image.height)])
    case.images.update(display_key=key, thumbnail_key=key)
    Cell.objects.update(contour=[[10, 10], [39, 10], [39, 39], [10, 39]])
    page.reload()
    until(lambda: page.locator(".overlay g[transform]").count())


def zoom_to_the_chosen_cell(page: Any) -> None:
    """However often: it stays in sight, and the figure and the scale bar follow."""
    tiles(page, "lymphocyte").first.click()
    outline, figure = page.locator(".overlay .line.is-chosen"), page.locator("#scale [data-zoom]")
    before = float(figure.inner_text().rstrip("×"))
    for _ in range(3):
        page.keyboard.press("+")
    until(lambda: float(figure.inner_text().rstrip("×")) > 2 * before)
    frame, cell = page.locator("#viewer").bounding_box(), outline.bounding_box()
    across, down = cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2
    assert frame["x"] < across < frame["x"] + frame["width"]
    assert frame["y"] < down < frame["y"] + frame["height"]
    assert page.locator("#scale [data-length]").inner_text().endswith(("µm", "px"))
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    until(lambda: float(figure.inner_text().rstrip("×")) == before)
    page.wait_for_timeout(300)  # the last of the way is shorter than a digit


def test_a_hand_adds_splits_joins_and_takes_away(page: Any, case: Any):
    show_a_picture(page, case)
    zoom_to_the_chosen_cell(page)
    box = page.locator("#viewer").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.press("d")
    page.mouse.click(*middle)
    until(lambda: HandCell.objects.filter(case=case).count() == 1)
    page.keyboard.press("1")
    page.keyboard.press("d")
    until(lambda: number(page, "blast") == 6)
    page.locator("[data-cell][data-origin=human]").first.click()
    page.keyboard.press("k")
    page.mouse.move(middle[0], middle[1] - 60)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] + 60, steps=4)
    page.mouse.up()
    until(lambda: number(page, "blast") == 7)
    parts = page.locator("[data-cell][data-origin=human]:not([data-removed='1'])")
    parts.first.click()
    parts.nth(1).click(modifiers=["Control"])
    page.keyboard.press("j")
    until(lambda: number(page, "blast") == 6)
    page.keyboard.press("Delete")
    until(lambda: number(page, "blast") == 5)
    page.keyboard.press("u")
    until(lambda: page.locator("#saving[data-state=saved]").count())
    drawn = [cell for cell in cells_of(case) if cell.origin == "human" and not cell.is_removed]
    assert [cell.effective for cell in drawn] == [CellClass.BLAST]


def test_a_case_without_ai_result_is_counted_by_keys(reader: Desk, cast: Cast):
    case = ready_case(
        cast, {}, status="in_review", assignee=cast.first_reader, no_ai_reason="It failed."
    )
    case.images.update(run_id=None)
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    page.wait_for_load_state("load")
    for key in "1122225":
        page.keyboard.press(key, delay=30)
    page.keyboard.press("u")
    reader.sees("94 to 100", within="#tally")
    until(lambda: sum(case.tally.values_list("delta", flat=True)) == 6)
    assert number(page, "lymphocyte") == 4
