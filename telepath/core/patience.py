"""A connection to PostgreSQL that does not wait for ever.

TCP notices a machine that is gone. It never notices a server that hangs with its lines open, and
PostgreSQL's own limits are kept by the server, who is the one that hangs.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout  # what Connection.wait is documented to raise

_WAIT_INTERVAL = 0.1
"""Seconds: psycopg's own; how often it looks up while it waits, for signals and for the limit."""


class ImpatientConnection(psycopg.Connection[Any]):
    """Closes itself when the server says nothing for `patience` seconds after a question.

    Raises OperationalError then. Whether the question was answered after all is not known, as
    whenever a line breaks; each write of ours is safe to repeat.
    """

    patience = 10.0

    def wait(
        self, gen: PQGen[RV], interval: float = _WAIT_INTERVAL, timeout: float | None = None
    ) -> RV:
        if timeout is not None:  # somebody's own limit, which is no fault of the server
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(
                f"the database said nothing for {self.patience:g} s"
            ) from None
