"""A browser that walks through the pages, takes pictures, and notes what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error
from playwright.sync_api import Page as Tab

from tests.screenshots.pages import PAGES, Page
from tests.screenshots.walking import SCHEMES, WIDTHS, Visitors, browser

_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
_ALL_PICTURES = """async () => {
    for (const { style } of document.querySelectorAll('.cell')) style.contentVisibility = 'visible';
    for (let before = -1; before !== document.body.scrollHeight; ) {
        before = document.body.scrollHeight;
        for (let at = 0; at < before; at += innerHeight) {
            scrollTo(0, at);
            await new Promise((done) => setTimeout(done, 60));
        }
    }
    scrollTo(0, 0);
    const late = [...document.images].filter((one) => !one.complete && one.checkVisibility());
    await Promise.all(late.map((one) => new Promise((done) => {
        one.loading = 'eager';
        one.onload = one.onerror = done;
    })));
}"""
"""What is loaded or drawn only when somebody scrolls to it is on these pictures too."""


@dataclass(slots=True)
class Survey:
    """Where pictures go, and what was wrong on the way."""

    folder: Path
    visitors: Visitors
    problems: list[str] = field(default_factory=list)


def take_all(survey: Survey, only: str = "") -> None:
    """Every page whose name contains `only`, in each width and scheme."""
    with browser() as chromium:
        for page in (one for one in PAGES if only in one.name):
            for width in WIDTHS:
                with _looking(chromium, survey, page, width) as tab:
                    _take(tab, survey, page, width)


@contextmanager
def _looking(chromium: Browser, survey: Survey, page: Page, width: int) -> Iterator[Tab]:
    context = survey.visitors.context(chromium, page.who, width)
    tab = context.new_page()
    name = f"{page.name}-{width}"
    tab.on("console", lambda line: _note(survey, name, line.type, line.text))
    tab.on("pageerror", lambda error: survey.problems.append(f"{name}: {error}"))
    try:
        yield tab
    except Error as error:
        survey.problems.append(f"{name}: {error.message.splitlines()[0]}")
    context.close()


def _take(tab: Tab, survey: Survey, page: Page, width: int) -> None:
    survey.visitors.walk(tab, page)
    if tab.evaluate(_TOO_WIDE):
        survey.problems.append(f"{page.name}-{width}: wider than the screen")
    tab.evaluate(_ALL_PICTURES)
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        tab.screenshot(path=survey.folder / f"{page.name}-{width}-{scheme}.png", full_page=True)


def _note(survey: Survey, name: str, kind: str, text: str) -> None:
    if kind == "error" and not _is_expected(name, text):
        survey.problems.append(f"{name}: {text}")


def _is_expected(name: str, text: Any) -> bool:
    """Pages that are about an error answer with one."""
    about = {"404": "not-there", "403": "not-allowed", "410": "gone", "422": "refused"}
    return any(code in text and word in name for code, word in about.items())
