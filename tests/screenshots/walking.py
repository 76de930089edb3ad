"""A browser, the people at it, and their way to a page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from tests.screenshots.pages import ADMIN, CLINIC, LAB, READER, SITE, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PEOPLE = {
    CLINIC: "sana@riverside.example",
    READER: "mira@central.example",
    ADMIN: "ada@riverside.example",
    LAB: "lars@central.example",
    SITE: "site@telepath.example",
}
"""Of the demo, one of each kind."""
WIDTHS = {1280: 800, 1920: 1080, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium; the browsers of Playwright itself are not used."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@dataclass(slots=True)
class Visitors:
    """Who looks, signed in once each. people: e-mail addresses by the names that pages use."""

    url: str
    people: Mapping[str, str]
    password: str
    _states: dict[str, Any] = field(default_factory=dict)

    def context(self, chromium: Browser, who: str, width: int) -> BrowserContext:
        """A window of this width for `who`; "" is nobody."""
        return chromium.new_context(
            base_url=self.url,
            storage_state=self._state(chromium, who) if who else None,
            viewport={"width": width, "height": WIDTHS[width]},
        )

    def _state(self, chromium: Browser, who: str) -> Any:
        if who not in self._states:
            self._states[who] = self._signed_in(chromium, who)
        return self._states[who]

    def _signed_in(self, chromium: Browser, who: str) -> Any:
        context = chromium.new_context(base_url=self.url)
        tab = context.new_page()
        tab.goto("/account/login/")
        tab.fill("input[name=login]", self.people[who])
        tab.fill("input[name=password]", self.password)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url(lambda address: "/account/login" not in address)
        state = context.storage_state()
        context.close()
        return state

    def walk(self, tab: Tab, page: Page) -> None:
        """Open the page's address and follow its links, as far as rows are there."""
        tab.goto(page.path)
        if page.confirms:
            tab.fill("#main input[name=password]", self.password)
            tab.press("#main input[name=password]", "Enter")
        for selector in page.follow:
            if tab.locator("#content > .stack > .empty").count():
                return  # nothing of this kind is there now
            tab.locator(selector).first.click(timeout=5000)
            tab.wait_for_load_state()
        tab.wait_for_load_state("networkidle")
        tab.wait_for_timeout(300)
