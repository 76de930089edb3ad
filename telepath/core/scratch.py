"""A folder for what passes through this machine only, gone again whoever dies.

It belongs to a process as long as that holds the lock in it. The next process that makes one clears
up those whose owner is gone.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path

PREFIX = "telepath-scratch-"
_ALIVE = ".alive"


class Scratch:
    """One folder, from now until `close` or the end of this process."""

    def __init__(self) -> None:
        _clear_up()
        self._move_in()
        while not self.root.exists():  # somebody cleared it up between its making and the lock
            self._move_in()

    def _move_in(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._alive = (self.root / _ALIVE).open("wb")
        fcntl.flock(self._alive, fcntl.LOCK_EX)

    def close(self) -> None:
        remove(self.root)
        self._alive.close()


def remove(root: Path) -> None:
    """Delete a scratch folder, and nothing that is none."""
    if not root.name.startswith(PREFIX):
        raise ValueError(f"{root} is no scratch folder")
    shutil.rmtree(root, ignore_errors=True)


def _clear_up() -> None:
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (root / _ALIVE).open("rb") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(root)
        except OSError:  # somebody lives there, or is just moving in
            continue
