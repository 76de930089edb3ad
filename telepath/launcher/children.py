"""Child processes: started in groups of their own, ended with everything that they started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from telepath.launcher.processes import ROOT, ProcessSpec

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class LaunchError(Exception):
    """The start cannot go on; the text says what happened, what was kept, and what to do."""


@dataclass
class Child:
    """A running process of ours and the file that holds its output."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    log: Path
    started: float = field(default_factory=time.monotonic)
    _group_ended: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.is_running():
            self.process.send_signal(self.spec.stop_signal)

    def end_group(self) -> None:
        """By force, once: the process, if it still runs, and whatever it left in its group."""
        if self._group_ended:
            return
        self._group_ended = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def spawn(spec: ProcessSpec, log: Path) -> Child:
    """Start `spec` in its own session, so that Ctrl-C in the terminal reaches the launcher alone.

    On Linux the child gets its stop signal when the thread that called this dies, so call it from a
    thread that lives as long as the child should.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*spec.wrapper, *spec.argv],
            cwd=ROOT,
            env={**os.environ, **spec.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with_parent(spec),
        )
    return Child(spec=spec, process=process, log=log)


def _dies_with_parent(spec: ProcessSpec) -> Callable[[], None] | None:
    libc, number = _libc, int(spec.stop_signal)
    if libc is None:
        return None

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)

    return before_exec


def stop_all(children: Iterable[Child]) -> None:
    """Ask all at once, wait for each its grace, then end every group by force."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    asked = time.monotonic()
    for child in children:
        left = asked + child.spec.grace_seconds - time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=max(left, 0.0))
        child.end_group()


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
    """Return once `ready()`; raises LaunchError when `child` dies first or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not child.is_running():
            raise LaunchError(f"{child.spec.name} stopped while starting. {last_words(child.log)}")
        if time.monotonic() > deadline:
            raise LaunchError(
                f"{child.spec.name} did not answer within {seconds:.0f} s. {last_words(child.log)}"
            )
        time.sleep(0.02)


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log file, introduced by its name."""
    text = log.read_text(errors="replace") if log.is_file() else ""
    tail = "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
    return f"The end of {log}:\n{tail}" if tail else f"Its log {log} is empty."
