"""Every page of the product, as each kind of person meets it, before axe-core.

At a desk's and a telephone's width, light and dark. Which pages there are is in
tests/screenshots/pages.py, and that none is missing there in tests/test_pages_looked_at.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.urls import resolve

from cases.services.demo import PASSWORD, build
from tests.live.axe import COLOURS, violations
from tests.live.stack import Stack
from tests.screenshots.pages import PAGES, Page
from tests.screenshots.walking import PEOPLE, WIDTHS, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LOOKED_AT = (1280, 390)


def test_nobody_stumbles_on_any_page(live: Stack, chromium: Any):
    _without_a_loop(build)
    round_ = _Round(chromium, Visitors(live.url, PEOPLE, PASSWORD))
    found = {page.name: round_.found_on(page) for page in PAGES}
    assert {name: what for name, what in found.items() if what} == {}
    assert round_.routes >= {page.route for page in PAGES}


def _without_a_loop(work: Callable[[], None]) -> None:
    """Playwright's loop runs in this thread, and what sends live hints wants none around it."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(work).result()
        elsewhere.submit(connections.close_all).result()


@dataclass(slots=True)
class _Round:
    """One way past all pages. routes: where it came by, by name.

    A way ends at a list where the case that was to be looked at has moved on already.
    """

    chromium: Any
    visitors: Visitors
    routes: set[str] = field(default_factory=set)
    _windows: dict[str, Any] = field(default_factory=dict)

    def found_on(self, page: Page) -> set[str]:
        """What axe holds against the page, and what the server could not answer."""
        tab, found = self._window(page.who).new_page(), set[str]()
        tab.on("response", lambda one: one.status >= 500 and found.add(f"{one.status} {one.url}"))
        self.visitors.walk(tab, page)
        self.routes.add(resolve(urlsplit(tab.url).path).view_name)
        for width in LOOKED_AT:
            tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
            for scheme, rules in (("light", ()), ("dark", COLOURS)):
                tab.emulate_media(color_scheme=scheme)
                found |= {f"{width} {scheme} {one}" for one in violations(tab, rules)}
        tab.close()
        return found

    def _window(self, who: str) -> Any:
        """One for each person, who fetches styles and scripts once."""
        if who not in self._windows:
            self._windows[who] = self.visitors.context(self.chromium, who, LOOKED_AT[0])
        return self._windows[who]
