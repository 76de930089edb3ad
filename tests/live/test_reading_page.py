"""What a reader sees before she does anything: sizes, scales, warnings, and what is counted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases.models import Case, SmearImage
from cases.services.standing import weigh
from inference.choices import CellClass
from inference.models import Cell
from telepath.core.storage import save_stream
from tests import factories
from tests.cases.reading import case_in_review
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import until
from tests.live.work import drawn_field

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

FIELDS = 40
SMALL, LARGE = 14, 62
"""Sides of two cells in pixels."""
_BOXES = """(all) => all.map((one) => {
    const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
    return { left, top, right, bottom, width, height };
})"""
_NATURAL = "(image) => image.complete && image.naturalWidth"


def test_forty_fields_two_sizes_of_cells_and_cells_cut_by_the_border(cast: Cast, reader: Desk):
    case = forty_fields(cast)
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    page.wait_for_load_state("load")
    fields_can_be_told_apart(page)
    cells_are_shown_at_one_scale(page)
    the_desk_is_arranged_and_stays_so(page)
    what_the_border_cuts_is_not_counted_until_a_human_counts_it(page)
    the_reader_knows_where_she_is(page)


def forty_fields(cast: Cast) -> Case:
    """Forty fields; in the first a small cell, a large one, and one that the border cuts."""
    case = case_in_review(cast, {CellClass.BLAST: 3})
    image = case.images.get()
    key = f"images/{image.pk}/display.png"
    save_stream(key, [drawn_field(1, image.width, image.height)])
    case.images.update(display_key=key, thumbnail_key=key, position=1, filename="first.png")
    small, large, cut = Cell.objects.filter(run_id=image.run_id).order_by("number")
    for cell, side in ((small, SMALL), (large, LARGE), (cut, 20)):
        Cell.objects.filter(pk=cell.pk).update(x=80, y=80, width=side, height=side)
    Cell.objects.filter(pk=cut.pk).update(is_cut=True, x=0)
    for position in range(2, FIELDS + 1):
        factories.SmearImageFactory(
            case=case, position=position, display_key=key, thumbnail_key=key
        )
    weigh(case)
    assert SmearImage.objects.filter(case=case).count() == FIELDS
    return case


def fields_can_be_told_apart(page: Any) -> None:
    """They wrap or scroll at a size that can be read; what was seen is marked."""
    frames = page.locator(".film-frame")
    boxes = frames.evaluate_all(_BOXES)
    assert len(boxes) == FIELDS
    assert min(box["width"] for box in boxes) >= 48
    assert min(box["height"] for box in boxes) >= 48
    for one, other in zip(boxes, boxes[1:], strict=False):
        is_beside = one["right"] <= other["left"] + 0.5
        assert is_beside or one["bottom"] <= other["top"] + 0.5, "none lies over another"
    assert page.locator(".film-frame.is-seen").count() == 1
    for _ in range(FIELDS - 1):
        page.keyboard.press("]")
    assert page.locator(".film-frame[aria-current=true]").get_attribute("data-position") == "40"
    last, film = frames.last.bounding_box(), page.locator("#film").bounding_box()
    assert film["y"] <= last["y"]
    assert last["y"] + last["height"] <= film["y"] + film["height"] + 1, "the open one is in sight"
    assert page.locator(".film-frame.is-seen").count() == FIELDS


def cells_are_shown_at_one_scale(page: Any) -> None:
    """Each tile shows as much of its field, so a cell four times as wide looks so."""
    sides, windows = [], set()
    for side in (SMALL, LARGE):
        picture = page.locator(f"[data-cell][data-w='{side}'] img")
        sides.append(until(lambda picture=picture: picture.evaluate(_NATURAL)))
        assert picture.bounding_box()["width"] >= 64
        windows.add(re.search(r"window=(\d+)", picture.get_attribute("src")).group(1))
    assert sides[0] == sides[1]
    assert len(windows) == 1, "as many pixels of the field in each"
    assert int(windows.pop()) >= LARGE
    slider = page.locator("#tile-size")
    for width in (66, 200):
        slider.fill(str(width))
        assert abs(page.locator("[data-cell] img").first.bounding_box()["width"] - width) <= 8


def the_desk_is_arranged_and_stays_so(page: Any) -> None:
    """The picture is the larger half, its share is dragged, it fills the screen by a key."""
    viewer = page.locator("#viewer")
    before = viewer.bounding_box()["width"]
    assert before > 1280 / 3, "more than the 28 % of the screen that it had"
    bar = page.locator("[data-resize=split]").bounding_box()
    at = bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] - 80, at[1], steps=4)
    page.mouse.up()
    narrow = viewer.bounding_box()["width"]
    assert narrow < before - 40
    page.reload()
    page.wait_for_load_state("load")
    assert abs(viewer.bounding_box()["width"] - narrow) <= 2
    assert page.locator("#tile-size").input_value() == "200"
    page.keyboard.press("z")
    assert viewer.bounding_box()["width"] > 1280 * 0.6
    page.keyboard.press("Escape")
    assert abs(viewer.bounding_box()["width"] - narrow) <= 2
    assert page.get_by_text("Fever and pallor for two weeks.").first.is_visible()


def what_the_border_cuts_is_not_counted_until_a_human_counts_it(page: Any) -> None:
    cut = page.locator(".gallery-group[data-group=cut] [data-cell]")
    assert cut.count() == 1
    assert number(page, "blast") == 2
    cut.click()
    page.keyboard.press("1")
    until(lambda: number(page, "blast") == 3)
    until(lambda: page.locator("#saving[data-state=saved]").count())
    assert cut.count() == 0


def number(page: Any, group: str) -> int:
    return int(page.locator(f"#count tr[data-code='{group}'] [data-count]").inner_text())


def the_reader_knows_where_she_is(page: Any) -> None:
    """The two things that were called "Sign out" are called by two names."""
    assert page.get_by_role("link", name="Sign report").is_visible()
    page.locator("summary", has_text="Dr. Mira Keller").click()
    assert page.get_by_role("button", name="Log off").is_visible()
    assert page.get_by_text("Sign out").count() == 0


def test_why_there_is_no_ai_result_stands_above_the_picture(cast: Cast, reader: Desk):
    case = case_in_review(cast, {})
    Case.objects.filter(pk=case.pk).update(no_ai_reason="The worker stopped three times.")
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    said = page.get_by_text("The worker stopped three times.").first.bounding_box()
    picture = page.locator(".review-picture").bounding_box()
    assert 0 < said["y"] < picture["y"] < 900
