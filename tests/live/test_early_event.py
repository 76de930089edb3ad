"""An event that comes while the page is still loading is shown, not lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.actors import actor_of_user
from cases.services.review import case_claim
from tests.cases.reading import ready_case
from tests.conftest import Cast
from tests.live.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LINE = re.compile(r"/js/live\b[^/]*$")
LATER = re.compile(r"/js/review\b[^/]*$")
TIME_TO_CONNECT_MS = 1500


def test_what_happens_while_scripts_are_on_their_way_is_shown(reader: Desk, cast: Cast):
    """The live line's own script comes early, one that the document waits for comes late."""
    case = ready_case(cast)
    line, later = held_back(reader, LINE), held_back(reader, LATER)
    reader.page.goto(f"/cases/{case.pk}/", wait_until="commit")
    reader.page.wait_for_selector("#head")

    case_claim(actor=actor_of_user(cast.second_reader), case=case)
    let_go(reader, line)
    reader.page.wait_for_timeout(TIME_TO_CONNECT_MS)
    assert reader.page.evaluate("document.readyState") != "complete"
    let_go(reader, later)

    reader.sees("In review", within="#head")


def held_back(reader: Desk, address: re.Pattern[str]) -> list[Any]:
    """Requests for this address, kept waiting until they are let go."""
    held: list[Any] = []
    reader.page.route(address, lambda route: held.append(route))
    return held


def let_go(reader: Desk, held: list[Any]) -> None:
    while not held:
        reader.page.wait_for_timeout(50)
    held.pop().continue_()
