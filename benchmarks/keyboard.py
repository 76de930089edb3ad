"""A case read by keyboard, from the queue to the signature: `python -m benchmarks.keyboard --help`.

A clinic sends one case of many fields; a reader takes it, calls every unidentified cell, and signs,
by keys alone. Printed: how many keys and seconds, each cell keyed by itself or the rest of a group
at once; and how long each key took until the new count was painted, at a pace that no hand has.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.browser import CHROMIUM, FLAGS
from benchmarks.pictures import field_files
from benchmarks.turnaround import summary

READY_MS = 600_000
MOST_ROWS = 50
OPEN = "[data-group='unidentified'] [data-cell][data-corrected='']"
LISTEN = """() => {
  window.recounts = [];
  const count = () => [...document.querySelectorAll("#count [data-count]")].map((one) => one.textContent).join();
  document.addEventListener("keydown", (event) => {
    const [began, before] = [event.timeStamp, count()];
    requestAnimationFrame(() => setTimeout(() => {
      if (count() !== before) window.recounts.push(performance.now() - began);
    }));
  }, { capture: true });
}"""  # noqa: E501


class Keyboard:
    """Presses keys and counts them; those of the password apart."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys, self.secret = page, 0, 0
        self.began = time.perf_counter()

    def press(self, *keys: str, pause_ms: int = 0) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1
            if pause_ms:
                self.page.wait_for_timeout(pause_ms)

    def type_secret(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.secret += len(text)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


def main() -> None:
    from playwright.sync_api import sync_playwright

    options = _options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        clinic = _signed_in(browser, options, options.clinic)
        reader = _signed_in(browser, options, options.reader)
        chosen = field_files(options.pictures, options.fields, Path())
        for name, work in (("each cell by its own key", _singly), ("the rest at once", _at_once)):
            case = _send(clinic, chosen)
            sys.stdout.write(_read(reader, options, case, name, work))
        browser.close()
    cores = len(os.sched_getaffinity(0))
    sys.stdout.write(f"on {cores} cores, all on one machine, load {os.getloadavg()[0]:.1f}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--clinic", required=True, help="e-mail of a submitter")
    parser.add_argument("--reader", required=True, help="e-mail of a pathologist")
    parser.add_argument("--password", required=True, help="of both")
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of fields")
    parser.add_argument("--fields", type=int, default=40)
    parser.add_argument("--pause-ms", type=int, default=50, help="between two keys")
    return parser.parse_args()


def _signed_in(browser: Any, options: argparse.Namespace, email: str) -> Any:
    page = browser.new_context(base_url=options.url).new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", options.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/account/login/" not in address)
    return page


def _send(page: Any, pictures: list[Path]) -> str:
    """A case of these fields, analysed. Returns its address."""
    page.goto("/patients/")
    page.locator("tbody th a").first.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    page.goto(f"{page.url}cases/new/")
    page.select_option("[name=specimen]", "peripheral_blood")
    page.select_option("[name=stain]", "giemsa")
    page.locator(".button-primary").first.click()
    page.wait_for_selector("#drop")
    page.set_input_files("#files", [str(one) for one in pictures])
    ready = page.locator("#pictures .status-ok")
    page.wait_for_timeout(2000)
    while ready.count() < len(pictures):
        page.wait_for_timeout(500)
    page.locator("[data-key=s]").first.click()
    page.locator("#head .status-ready").first.wait_for(timeout=READY_MS)
    return str(page.url)


def _read(
    page: Any, options: argparse.Namespace, case: str, name: str, work: Callable[..., None]
) -> str:
    page.goto("/queue/")
    page.wait_for_load_state("load")
    keyboard = Keyboard(page)
    _open_from_queue(keyboard, case)
    keyboard.press("c")
    page.wait_for_selector("[data-class]")
    page.wait_for_load_state("load")
    page.evaluate(LISTEN)
    cells = sum(int(one) for one in page.locator("#count [data-count]").all_inner_texts())
    open_ = int(page.locator("#count tr[data-code=unidentified] [data-count]").inner_text())
    work(keyboard, options.pause_ms)
    waited = page.evaluate("window.recounts")
    _sign(keyboard, options.password)
    took = summary([one / 1000 for one in waited]) if waited else {"p50": 0, "p95": 0, "max": 0}
    return (
        f"{name}: {cells} cells, {open_} of them unidentified: {keyboard.keys} keys and "
        f"{keyboard.secret} of the password, {keyboard.seconds:.1f} s; "
        f"key to recount p50 {took['p50'] * 1000:.0f} ms, p95 {took['p95'] * 1000:.0f} ms, "
        f"max {took['max'] * 1000:.0f} ms over {len(waited)} keys {options.pause_ms} ms apart\n"
    )


def _open_from_queue(keyboard: Keyboard, case: str) -> None:
    """Down the rows to this case, and in."""
    here = "() => document.activeElement?.href ?? ''"
    while str(keyboard.page.evaluate(here)).rstrip("/") != case.rstrip("/"):
        keyboard.press("j")
        if keyboard.keys > MOST_ROWS:
            raise SystemExit("The case is not among the first rows of the queue.")
    keyboard.press("Enter")
    keyboard.page.wait_for_url(case)
    keyboard.page.wait_for_load_state("load")


def _singly(keyboard: Keyboard, pause_ms: int) -> None:
    keyboard.press("n")
    while keyboard.page.locator(OPEN).count():
        keyboard.press("2", pause_ms=pause_ms)


def _at_once(keyboard: Keyboard, pause_ms: int) -> None:
    keyboard.press("n", "g")
    keyboard.page.locator("#rest[open]").wait_for()
    keyboard.press("a", pause_ms=pause_ms)
    if keyboard.page.locator(OPEN).count():
        _singly(keyboard, pause_ms)


def _sign(keyboard: Keyboard, password: str) -> None:
    """As the page asks: conclusion, meaning, password; where its focus stands is the beginning."""
    page = keyboard.page
    keyboard.press("s")
    page.wait_for_url(re.compile("/(sign|amend)/$"))
    _reach(keyboard, "conclusion")
    keyboard.press("Space")
    _reach(keyboard, "meaning")
    keyboard.press("Space")
    _reach(keyboard, "password")
    keyboard.type_secret(password)
    keyboard.press("Control+Enter")
    page.wait_for_url(lambda address: "/sign/" not in address, timeout=60_000)


def _reach(keyboard: Keyboard, name: str) -> None:
    """By Tab, to the field of this name."""
    here = "() => document.activeElement?.name ?? ''"
    for _ in range(40):
        if keyboard.page.evaluate(here) == name:
            return
        keyboard.press("Tab")
    raise SystemExit(f"No field '{name}' was reached by Tab.")


if __name__ == "__main__":
    main()
