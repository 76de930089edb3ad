"""The folder `var/`: who uses it now, what the last start left, the addresses for `manage.py`."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from telepath.launcher.children import LaunchError
from telepath.launcher.private import write_private


class Folder:
    """Paths under `var/`, and the lock that lets one launcher at a time use them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.processes = path / "processes"
        self.logs = path / "log"
        self.servers_file = path / "servers.env"
        self._owner = path / "launcher.json"
        self._finished = path / "first-start-finished"
        path.mkdir(parents=True, exist_ok=True)
        for folder in (self.processes, self.logs, path / "beat", path / "mail"):
            folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def held_by(self, *, pid: int, address: str) -> Iterator[None]:
        """Keep the folder. Raises LaunchError naming the address of the launcher that has it."""
        with (self.path / "launcher.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LaunchError(self._occupied()) from None
            self._owner.write_text(json.dumps({"pid": pid, "address": address}))
            try:
                yield
            finally:
                self.servers_file.unlink(missing_ok=True)
                self._owner.unlink(missing_ok=True)

    def _occupied(self) -> str:
        try:
            owner = json.loads(self._owner.read_text())
        except (OSError, ValueError):
            return "Telepath is already starting here; its terminal shows the address."
        return (
            f"Telepath is already running at {owner['address']} (process {owner['pid']}). "
            "Open that address, or stop it with Ctrl-C in its terminal."
        )

    @property
    def is_interrupted_first_start(self) -> bool:
        """True if an earlier start began to make data here and never reached the login page."""
        begun = any((self.path / name).exists() for name in ("postgres", "redis"))
        return begun and not self._finished.exists()

    def mark_finished(self) -> None:
        self._finished.touch()

    def write_servers(self, env: Mapping[str, str]) -> None:
        """So that `manage.py` in another terminal meets the same servers with the same secret."""
        write_private(self.servers_file, "".join(f"{key}={env[key]}\n" for key in sorted(env)))

    def fresh_log(self, name: str) -> Path:
        """An empty log file; the one of the start before is kept beside it."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log


def shown(path: Path) -> str:
    """As short as it can be said from where the person stands."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
