"""Signs of life: of a process that runs, which proves little.

A worker's watchdog lives in the worker and hangs with it, so the launcher looks from outside.
"""

from __future__ import annotations

from pathlib import Path

from telepath.launcher.health import is_well
from telepath.launcher.processes import ProcessSpec


class Signs:
    """Looks at one process again and again, if its spec says where to look: `are_promised`."""

    def __init__(self, spec: ProcessSpec) -> None:
        self._address = spec.asked_at
        self._site = spec.env.get("SITE_URL", "")
        path = spec.env.get("SIGN_OF_LIFE")
        self._file = Path(path) if path else None
        self.are_promised = bool(path or spec.asked_at)
        self._last = self._touched()

    def are_new(self) -> bool:
        """Whether the process has shown since the last look that it lives."""
        if self._address:
            host, port = self._address
            return is_well(port, self._site or f"http://{host}:{port}", host=host)
        before, self._last = self._last, self._touched()
        return self._last != before

    def _touched(self) -> int:
        try:
            return self._file.stat().st_mtime_ns if self._file else 0
        except OSError:
            return 0
