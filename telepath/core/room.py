"""A disk that is full: no defect, and over as soon as somebody makes room."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from telepath.core.errors import RetryLater

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
DATABASE_FULL = "53100"
"""PostgreSQL's code for what its own disk had no room for (disk_full)."""
NO_ROOM = (
    "There is no room left on the server's disk. What was saved before is safe, this was not "
    "stored. Your administrator has to make room; then try again."
)


@contextmanager
def needing_room() -> Iterator[None]:
    """Turn the fault of a full disk into `RetryLater`; every other goes through."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in FULL:
            raise
        raise RetryLater(NO_ROOM, code="storage_full") from fault
