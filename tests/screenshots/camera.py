"""A browser that walks through the pages, takes pictures, and notes what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, sync_playwright
from playwright.sync_api import Page as Tab

from tests.screenshots.pages import PAGES, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = {1280: 800, 390: 844}
SCHEMES = ("light", "dark")
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


@dataclass(slots=True)
class Survey:
    """Where pictures go, and what was wrong on the way."""

    folder: Path
    url: str
    people: Mapping[str, str]
    password: str
    problems: list[str] = field(default_factory=list)


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium; the browsers of Playwright itself are not used."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def take_all(survey: Survey, only: str = "") -> None:
    """Every page whose name contains `only`, in each width and scheme."""
    with browser() as chromium:
        states = {who: _signed_in(chromium, survey, who) for who in survey.people}
        for width in WIDTHS:
            for scheme in SCHEMES:
                for page in (one for one in PAGES if only in one.name):
                    _take(chromium, survey, page, states.get(page.who), width, scheme)


def _signed_in(chromium: Browser, survey: Survey, who: str) -> Any:
    context = chromium.new_context(base_url=survey.url)
    tab = context.new_page()
    tab.goto("/account/login/")
    tab.fill("input[name=login]", survey.people[who])
    tab.fill("input[name=password]", survey.password)
    tab.press("input[name=password]", "Enter")
    tab.wait_for_url(lambda address: "/account/login" not in address)
    state = context.storage_state()
    context.close()
    return state


def _take(
    chromium: Browser, survey: Survey, page: Page, state: Any, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        base_url=survey.url,
        storage_state=state,
        color_scheme=scheme,
        viewport={"width": width, "height": WIDTHS[width]},
    )
    tab = context.new_page()
    name = f"{page.name}-{width}-{scheme}"
    tab.on("console", lambda line: _note(survey, name, line.type, line.text))
    tab.on("pageerror", lambda error: survey.problems.append(f"{name}: {error}"))
    try:
        _walk(tab, page)
        if tab.evaluate(_TOO_WIDE):
            survey.problems.append(f"{name}: wider than the screen")
        tab.screenshot(path=survey.folder / f"{name}.png", full_page=True)
    except Error as error:
        survey.problems.append(f"{name}: {error.message.splitlines()[0]}")
    context.close()


def _walk(tab: Tab, page: Page) -> None:
    tab.goto(page.path)
    for selector in page.follow:
        if tab.locator("#content > .stack > .empty").count():
            return  # nothing of this kind is there now
        tab.locator(selector).first.click(timeout=5000)
        tab.wait_for_load_state()
    tab.wait_for_load_state("networkidle")
    tab.wait_for_timeout(300)


def _note(survey: Survey, name: str, kind: str, text: str) -> None:
    expected = "404" in text and "not-there" in name or "422" in text and "refused" in name
    if kind == "error" and not expected:
        survey.problems.append(f"{name}: {text}")
