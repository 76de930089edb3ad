"""One stack for all live tests; each begins with empty tables, the cast and an active model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import Stack, database_url

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(django_db_setup: None, tmp_path_factory: Any) -> Iterator[Stack]:
    """The running platform. Leases and sweeps are short, so that faults heal within a test."""
    folder: Path = tmp_path_factory.mktemp("stack")
    running = Stack(
        folder,
        {
            "TELEPATH_ENV": "test",
            "DATABASE_URL": database_url(),
            "MEDIA_ROOT": str(folder / "media"),
            "EMAIL_URL": f"filemail:///{folder / 'mail'}",
            "SWEEP_SECONDS": "1",
            "RUN_LEASE_SECONDS": "6",
            "WORKER_STALL_SECONDS": "12",
            "OMP_NUM_THREADS": "2",
        },
    )
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def live(stack: Stack, transactional_db: None, settings: Any) -> Iterator[Stack]:
    """The stack, all processes up, with the shipped model active; files shared with the test."""
    storages = {**settings.STORAGES}
    storages["default"] = {
        **storages["default"],
        "OPTIONS": {"location": str(stack.folder / "media"), "allow_overwrite": True},
    }
    settings.STORAGES = storages
    stack.start()
    call_command("models", "register", "--activate", verbosity=0)
    yield stack
    stack.start()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium; skips with a sentence where none is installed.

    Only for a module: while it lives an event loop runs in this thread, which other tests may want.
    """
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser: {CHROMIUM} is absent (Debian's package chromium)")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the ORM calls of these tests are on their own turn.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def clinic(live: Stack, cast: Cast, chromium: Any) -> Iterator[Desk]:
    """A submitter at her browser."""
    desk = Desk(chromium, live, cast.submitter)
    yield desk
    desk.close()


@pytest.fixture
def reader(live: Stack, cast: Cast, chromium: Any) -> Iterator[Desk]:
    """A pathologist at hers."""
    desk = Desk(chromium, live, cast.first_reader)
    yield desk
    desk.close()
