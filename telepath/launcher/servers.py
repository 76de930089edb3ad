"""What every embedded server has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from telepath.launcher.children import Child, spawn, stop_all, wait_until
from telepath.launcher.processes import ProcessSpec

START_SECONDS = 60.0  # a cluster that was killed replays its log first


@dataclass(frozen=True, kw_only=True)
class PreparedServer:
    """A server that can be started, again and again at the same address.

    url: for the application. admin_url: for a superuser, where the server knows one.
    """

    spec: ProcessSpec
    log: Path
    url: str
    admin_url: str
    is_ready: Callable[[], bool]

    def start(self) -> Child:
        """Returns once the server answers; if it does not, stops it and raises LaunchError."""
        child = spawn(self.spec, self.log)
        try:
            wait_until(self.is_ready, child, seconds=START_SECONDS)
        except BaseException:
            stop_all([child])
            raise
        return child
