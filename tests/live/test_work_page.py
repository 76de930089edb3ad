"""The page of queues and workers, open at an administrator's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_times_are_the_viewers_and_go_on_by_the_second(live: Stack, cast: Cast, chromium: Any):
    desk = Desk(chromium, live, cast.administrator)
    signed_in = desk.context.storage_state()
    desk.close()
    viewer = chromium.new_context(
        base_url=live.url, storage_state=signed_in, timezone_id="Asia/Kolkata"
    )
    page = viewer.new_page()
    page.goto(reverse("inference:work_status"))

    page.get_by_text("GMT+5:30").wait_for()
    worker = page.locator("tr", has_text="cpu@")
    worker.get_by_text("Takes work", exact=True).wait_for()
    took = worker.locator("time").first
    seen: set[str] = set()

    def has_gone_on() -> bool:
        seen.add(took.inner_text(timeout=5000))
        return len(seen) > 2

    until(has_gone_on, seconds=30)
    assert all(re.fullmatch(r"just now|\d+ s ago", text) for text in seen), seen
    viewer.close()
