"""What runs, as data: each process, its command line, and how it is asked to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM, Signals

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = sys.executable

WEB_CONNECTIONS = 16
"""To the database, of the web process; more requests than that at once wait for one another."""
_FOR_PEOPLE = {
    "DATABASE_POOL": str(WEB_CONNECTIONS),
    "DATABASE_STATEMENT_SECONDS": "10",
    "DATABASE_IDLE_SECONDS": "60",
}
_FOR_WORK = {"DATABASE_STATEMENT_SECONDS": "300", "DATABASE_IDLE_SECONDS": "60"}


_NO_PROXY = {"FORWARDED_ALLOW_IPS": os.environ.get("FORWARDED_ALLOW_IPS", "")}
"""Whose X-Forwarded-For is believed: nobody's; uvicorn alone would believe all on this machine."""


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One process.

    argv: the command line that the process shows while it runs.
    wrapper: command that replaces itself by `argv` after changing user or limits; often empty.
    env: additions to the environment.
    grace_seconds: time between `stop_signal` and the end of its whole process group by force.
    asked_at: host and port where it answers `/healthz/live`, for a process that does.

    With SIGN_OF_LIFE in `env`, the process touches that file while it lives.
    """

    name: str
    argv: tuple[str, ...]
    wrapper: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: Signals = SIGTERM
    grace_seconds: float = 10.0
    asked_at: tuple[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What all processes of one start share. `env` holds the addresses of the servers."""

    var: Path
    host: str = "127.0.0.1"
    port: int = 8000
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def near(self) -> str:
        """Where this machine itself reaches the web server, whatever it listens on."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    def sign_of(self, name: str) -> dict[str, str]:
        return {"SIGN_OF_LIFE": str(self.var / "alive" / name)}


def process_table(launch: Launch) -> list[ProcessSpec]:
    """Web server, a worker for each queue, and the scheduler, in the order of their start."""
    return [web(launch), worker(launch, "cpu"), worker(launch, "inference"), beat(launch)]


def web(launch: Launch) -> ProcessSpec:
    return ProcessSpec(
        name="web",
        argv=(
            *(PYTHON, "-m", "uvicorn", "telepath.asgi:application"),
            *("--host", launch.host, "--port", str(launch.port)),
            *("--no-server-header", "--timeout-graceful-shutdown", "5"),
        ),
        env={**_NO_PROXY, **launch.env, **_FOR_PEOPLE},
        asked_at=(launch.near, launch.port),
    )


def worker(launch: Launch, queue: str) -> ProcessSpec:
    """One task at a time, in a forked child: a model is loaded there, never before a fork."""
    return ProcessSpec(
        name=f"worker-{queue}",
        argv=(
            *(PYTHON, "-m", "celery", "-A", "telepath", "worker"),
            *("-Q", queue, "-n", f"{queue}@%h", "--pool", "prefork", "-c", "1"),
            *("--without-gossip", "--without-mingle"),
        ),
        env={**launch.env, **_FOR_WORK, **launch.sign_of(f"worker-{queue}")},
        # A longer task is taken up again by the sweep: its row says where it stood.
        grace_seconds=15.0,
    )


def beat(launch: Launch) -> ProcessSpec:
    schedule = launch.var / "beat" / "schedule"
    return ProcessSpec(
        name="beat",
        argv=(
            *(PYTHON, "-m", "celery", "-A", "telepath", "beat"),
            *("-s", str(schedule), "--pidfile="),
        ),
        env={**launch.env, **launch.sign_of("beat")},
    )


def manage(launch: Launch, *command: str) -> ProcessSpec:
    """A step of the start that ends by itself, such as `migrate`."""
    return ProcessSpec(
        name=command[0],
        argv=(PYTHON, str(ROOT / "manage.py"), *command),
        env=launch.env,
    )
