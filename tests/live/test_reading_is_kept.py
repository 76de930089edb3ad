"""Nothing that a reader did is lost: not by haste, reload, a dead server or an ended session."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from cases.models import Case, CellCorrection
from inference.choices import CellClass
from tests.cases.reading import case_in_review
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HASTE_MS = 50
KEYS = 12
Between = Callable[[Desk, Stack, Cast], int]
"""What happens between two handfuls of keys; answers how many more it pressed."""


def reload(reader: Desk, live: Stack, cast: Cast) -> int:
    reader.page.reload()
    return 0


def kill_the_server(reader: Desk, live: Stack, cast: Cast) -> int:
    live.kill("web")
    type_keys(reader, 1)
    reader.sees("waiting for the line", within="#saving")
    reader.page.keyboard.press("s")
    reader.sees("Not everything is saved yet", within="#leave")
    reader.page.keyboard.press("Enter")
    assert "/sign/" not in reader.page.url
    live.start("web")
    return 1


def end_the_session(reader: Desk, live: Stack, cast: Cast) -> int:
    Session.objects.all().delete()
    type_keys(reader, 1)
    reader.sees("sign in again", within="#saving")
    with reader.context.expect_page() as opened:
        reader.page.locator("#saving a").click()
    tab = opened.value
    tab.locator("main [name=login]").fill(cast.first_reader.email)
    tab.locator("main [name=password]").fill(PASSWORD)
    tab.keyboard.press("Enter")
    tab.get_by_text("You are signed in again").wait_for()
    tab.close()
    return 1


def test_twelve_keys_in_haste_and_at_once_the_key_of_the_sign_page(reader: Desk, cast: Cast):
    case = case_in_review(cast, {CellClass.BLAST: KEYS + 2})
    reader.page.goto(f"/cases/{case.pk}/")
    reader.page.wait_for_load_state("load")
    type_keys(reader, KEYS)
    reader.page.keyboard.press("s")
    reader.page.wait_for_url(re.compile("/sign/$"))
    assert_said(case, KEYS)


@pytest.mark.parametrize("between", [reload, kill_the_server, end_the_session])
def test_nothing_between_two_handfuls_of_keys_loses_any(
    live: Stack, reader: Desk, cast: Cast, between: Between
):
    case = case_in_review(cast, {CellClass.BLAST: KEYS + 2})
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    page.wait_for_load_state("load")
    type_keys(reader, KEYS // 2)
    said = KEYS // 2 + between(reader, live, cast)
    until(lambda: said_on(page) == said)
    until(lambda: page.locator("#saving[data-state=saved]").count())
    type_keys(reader, KEYS - said)
    page.keyboard.press("s")
    page.wait_for_url(re.compile("/sign/$"))
    assert_said(case, KEYS)


def type_keys(reader: Desk, times: int) -> None:
    """Choose the first blast if none is chosen, and call one cell after the other no cell."""
    keyboard = reader.page.keyboard
    if not reader.page.locator("[data-group='blast'] [aria-pressed=true]").count():
        keyboard.press("ArrowRight")
    for _ in range(times):
        keyboard.press("x", delay=HASTE_MS)


def said_on(page: Any) -> int:
    return int(page.locator("#count tr[data-code='not_a_cell'] [data-count]").inner_text())


def assert_said(case: Case, cells: int) -> None:
    rows = CellCorrection.objects.filter(case=case, cell_class=CellClass.NOT_A_CELL)
    assert rows.count() == cells
    assert rows.values("cell_id").distinct().count() == cells, "each once"


def test_what_was_not_sent_waits_for_the_same_person_and_two_tabs_do_not_double_it(
    live: Stack, reader: Desk, cast: Cast
):
    case = case_in_review(cast, {CellClass.BLAST: 4})
    page, second = reader.page, reader.context.new_page()
    for tab in (page, second):
        tab.goto(f"/cases/{case.pk}/")
        tab.wait_for_load_state("load")
    live.kill("web")
    type_keys(reader, 2)
    reader.sees("2 to save", within="#saving")
    second.keyboard.press("End")
    live.start("web")
    until(lambda: page.locator("#saving[data-state=saved]").count())
    assert_said(case, 2)
    until(lambda: said_on(second) == 2)
    page.keyboard.press("u")
    page.keyboard.press("u")
    until(lambda: said_on(second) == 0)
    assert CellCorrection.objects.filter(case=case).count() == 4, "an undo is a row of its own"
    second.close()


def test_steps_that_were_left_behind_go_out_from_any_page(reader: Desk, cast: Cast):
    case = case_in_review(cast, {CellClass.BLAST: 4})
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    page.wait_for_load_state("load")
    page.route("**/steps/", lambda route: route.abort())
    type_keys(reader, 2)
    reader.sees("waiting for the line", within="#saving")
    page.keyboard.press("s")
    page.get_by_role("button", name="Leave; keep them").click()
    page.wait_for_url(re.compile("/sign/$"))
    assert not CellCorrection.objects.exists()
    page.unroute("**/steps/")
    page.goto("/queue/")
    until(lambda: CellCorrection.objects.count() == 2)
