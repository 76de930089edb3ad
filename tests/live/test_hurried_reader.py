"""A reader in a hurry on a slow line: one press, one case; the most pressing case first."""

from __future__ import annotations

import time

import pytest

from cases.models import Case
from inference.choices import CellClass
from tests.cases.reading import ready_case
from tests.conftest import Cast
from tests.live.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SLOW = {"offline": False, "latency": 2000, "downloadThroughput": -1, "uploadThroughput": -1}


def test_the_most_pressing_case_is_claimed_once_however_often_the_key_is_pressed(
    cast: Cast, reader: Desk
):
    quiet = ready_case(cast, {CellClass.LYMPHOCYTE: 200})
    open_question = ready_case(cast, {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 30})
    urgent = ready_case(cast, {CellClass.LYMPHOCYTE: 200}, priority=1)
    page = reader.page
    page.goto("/queue/")
    page.locator("#live[data-state=live]").wait_for()
    listed = page.locator("#rows th a").all_text_contents()
    assert listed == [one.accession for one in (urgent, open_question, quiet)]

    line = reader.context.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", SLOW)
    begun = time.monotonic()
    while "/queue/" in page.url and time.monotonic() - begun < 20:
        page.keyboard.press("c")
        page.wait_for_timeout(450)
    line.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0})
    page.wait_for_url(f"**/cases/{urgent.pk}/")
    assert list(Case.objects.exclude(assignee=None)) == [urgent]
