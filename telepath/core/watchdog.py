"""Ends a worker that takes nothing while work waits; whoever keeps it running starts a new one.

A worker that lost its way looks alive: its process runs, its timer ticks, it answers a ping. Only
the work that it takes is a proof.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

logger = logging.getLogger(__name__)

EXIT_STALLED = 70
"""EX_SOFTWARE of sysexits.h: seen by the launcher, Docker or systemd, which start it again."""


class Watchdog:
    """Judges one worker from what is seen of it now and then.

    patience: seconds that work may wait for a worker with free hands. longest: seconds that one
    task can take at most; its own limit should have ended it by then.
    """

    def __init__(
        self, *, patience: float, longest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience, self._longest, self._clock = patience, longest, clock
        self._taken = -1
        self._took_at = self._wanted_at = clock()

    def is_stalled(self, *, taken: int, is_busy: bool, waiting: int | None) -> bool:
        """taken: messages so far. waiting: messages in its queues; None while nobody can say."""
        now = self._clock()
        if taken != self._taken:
            self._taken, self._took_at = taken, now
            self._wanted_at = now
        if is_busy:
            self._wanted_at = now
            return now - self._took_at > self._longest + self._patience
        if not waiting:
            self._wanted_at = now
        return now - self._wanted_at > self._patience


def show_life() -> None:
    """Touch the file that SIGN_OF_LIFE names, for whoever keeps this process running."""
    with contextlib.suppress(OSError):  # a full disk ends nobody
        if path := os.environ.get("SIGN_OF_LIFE"):
            Path(path).parent.mkdir(exist_ok=True)
            Path(path).touch()


def keep_showing_life(*, every: float = 5) -> None:
    """The same from a thread. Stopped or hanging whole, a process touches nothing."""
    Thread(target=_show, args=(every,), name="life", daemon=True).start()


def _show(every: float) -> None:
    while True:
        show_life()
        time.sleep(every)


def watch(look: Callable[[], bool], *, every: float) -> None:
    """Ask `look` every so many seconds, from a thread; when it says stalled, end this process."""
    Thread(target=_watch, args=(look, every), name="watchdog", daemon=True).start()


def _watch(look: Callable[[], bool], every: float) -> None:
    while True:
        time.sleep(every)
        try:
            stalled = look()
        except Exception:
            logger.exception("the watchdog could not look; it looks again")
            continue
        if stalled:
            logger.critical("work waits and this worker takes none: ending it, to be started anew")
            logging.shutdown()
            os._exit(EXIT_STALLED)  # an orderly end may hang on what hangs already
