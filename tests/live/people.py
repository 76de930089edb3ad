"""People at their browsers."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from accounts.models import User
from tests.factories import PASSWORD
from tests.live.stack import Stack

UNMOVED = "window.unmoved"


class Desk:
    """One person, signed in, with one page open."""

    def __init__(self, chromium: Any, stack: Stack, person: User) -> None:
        self.context = chromium.new_context(base_url=stack.url, viewport=SIZE)
        self.page = self.context.new_page()
        self.name = person.name.replace(" ", "-")
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto("/account/login/")
        self.enter(login=person.email, password=PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: "/account/login/" not in address)

    def enter(self, **values: str) -> None:
        """Fill in the fields of these names, whatever kind they are."""
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']").first
            kind = field.evaluate("field => field.type")
            if kind == "select-one":
                field.select_option(value)
            elif kind == "radio":
                self.page.locator(f"main [name='{name}'][value='{value}']").check()
            else:
                field.fill(value)

    def mark(self) -> None:
        """From here on `is_unmoved` tells whether the page was loaded again."""
        self.page.evaluate(f"{UNMOVED} = true")

    def is_unmoved(self) -> bool:
        return bool(self.page.evaluate(f"Boolean({UNMOVED})"))

    def sees(self, text: str, *, seconds: float = 60, within: str = "body") -> None:
        """Wait until the text is on the page; TimeoutError otherwise."""
        found = self.page.locator(within).get_by_text(text).first
        found.wait_for(state="visible", timeout=seconds * 1000)

    def close(self) -> None:
        """Leave; with TELEPATH_TEST_PICTURES=DIR, a picture of the last page stays there."""
        if folder := os.environ.get("TELEPATH_TEST_PICTURES"):
            self.page.screenshot(path=f"{folder}/{self.name}.png")
        # What is still asked for would meet tables that are being emptied.
        with suppress(Exception):
            self.page.wait_for_load_state("networkidle", timeout=5000)
        self.context.close()
        assert not self.problems, self.problems


SIZE = {"width": 1280, "height": 900}
