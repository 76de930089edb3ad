"""How long a clinic waits before its screen: `python -m benchmarks.browser --help`.

The clock starts when the browser has the answer to the last part of the upload, and stops when the
same page shows the picture as analysed and the case as ready for review. In between: the check of
the picture, the press of the key that submits, the analysis, the live event, the new fragment.
Beside it, in the same run: the way of the published applications, which load the model for each
picture (`manage.py analyze`, one process a picture; no upload, no page).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.turnaround import summary

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
MODEL_EACH_TIME = 5


def main() -> None:
    options = _options()
    pictures = _pictures(options.pictures, options.cases)
    waited = list(_in_the_browser(options, pictures))
    alone = [_with_a_process_each(picture) for picture in pictures[:MODEL_EACH_TIME]]
    ours, theirs = summary(waited), summary(alone)
    cores = len(os.sched_getaffinity(0))
    sys.stdout.write(
        f"{len(waited)} cases of one picture, one after another, on {cores} cores, "
        f"everything on one machine, load {os.getloadavg()[0]:.1f}\n"
        f"end of the upload to the result on screen: p50 {ours['p50']:.2f} s, "
        f"p95 {ours['p95']:.2f} s, max {ours['max']:.2f} s\n"
        f"a process with the model for each picture: p50 {theirs['p50']:.2f} s "
        f"({theirs['p50'] / ours['p50']:.1f} times ours)\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", required=True, help="of a submitter")
    parser.add_argument("--password", required=True)
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of fields")
    parser.add_argument("--cases", type=int, default=50)
    return parser.parse_args()


def _pictures(folder: Path, wanted: int) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    if len(files) < wanted:
        raise SystemExit(f"{folder} holds {len(files)} pictures, fewer than {wanted}.")
    return files[:: len(files) // wanted][:wanted]


def _in_the_browser(options: argparse.Namespace, pictures: list[Path]) -> Iterator[float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(base_url=options.url)
        page.goto("/account/login/")
        page.fill("[name=login]", options.email)
        page.fill("[name=password]", options.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/account/login/" not in address)
        patient = _register(page)
        for picture in pictures:
            yield _one_case(page, patient, picture)
        browser.close()


def _register(page: Any) -> str:
    """A patient who says that she is a measurement. Returns the address of her page."""
    page.goto("/patients/new/")
    number = time.time_ns()
    page.fill("[name=mrn]", f"BENCHMARK-{number}")
    page.fill("[name=name]", f"Benchmark {number} (not a person)")
    page.locator("[name=sex]").first.select_option("unknown")
    page.fill("[name=birth_date]", "2000-01-01")
    page.locator(".button-primary").first.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    return str(page.url)


def _one_case(page: Any, patient: str, picture: Path) -> float:
    page.goto(f"{patient}cases/new/")
    page.select_option("[name=specimen]", "peripheral_blood")
    page.select_option("[name=stain]", "giemsa")
    page.locator(".button-primary").first.click()
    page.wait_for_selector("#drop")
    page.set_input_files("#files", str(picture))
    page.locator("#uploads .status-ok, #pictures [data-row]").first.wait_for()
    began = time.perf_counter()
    page.keyboard.press("s")
    page.locator("#pictures .status-succeeded").first.wait_for(timeout=120_000)
    page.locator("#head .status-ready").first.wait_for(timeout=120_000)
    waited = time.perf_counter() - began
    _cancel(page)
    return waited


def _cancel(page: Any) -> None:
    """Nobody is to read it: it would stand in the queue among those of people."""
    page.goto(f"{page.url}cancel/")
    page.locator("[name=reason_code]").first.select_option("not_needed")
    page.locator(".button-primary").first.click()
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/$"))


def _with_a_process_each(picture: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, str(ROOT / "manage.py"), "analyze", str(picture), "--json"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
