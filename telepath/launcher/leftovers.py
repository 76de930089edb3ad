"""What a launcher that was killed left running: found by a record of each process, and ended.

A process number alone proves nothing, because numbers are used again: the command line must fit.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

import psutil

from telepath.launcher.processes import ProcessSpec


@dataclass(frozen=True)
class Record:
    """One process that was started. `pid` is also the number of its group."""

    name: str
    pid: int
    argv: list[str]
    stop_signal: int
    grace_seconds: float


def remember(folder: Path, spec: ProcessSpec, pid: int) -> None:
    record = {
        "name": spec.name,
        "pid": pid,
        "argv": list(spec.argv),
        "stop_signal": int(spec.stop_signal),
        "grace_seconds": spec.grace_seconds,
    }
    aside = folder / f"{spec.name}.partial"
    aside.write_text(json.dumps(record))
    aside.rename(folder / f"{spec.name}.json")


def forget(folder: Path, spec: ProcessSpec) -> None:
    (folder / f"{spec.name}.json").unlink(missing_ok=True)


def end_leftovers(folder: Path) -> list[str]:
    """End every process recorded in `folder` that still runs. Returns their names, sorted.

    Call it only while holding the lock of the folder, so that no living launcher loses its own.
    """
    running = [(record, members) for record in _records(folder) if (members := _group(record))]
    for record, members in running:
        for member in members:
            _signal(member, Signals(record.stop_signal))
    for record, members in running:
        _, alive = psutil.wait_procs(members, timeout=record.grace_seconds)
        for member in alive:
            _signal(member, Signals.SIGKILL)
        psutil.wait_procs(alive, timeout=5)
    for file in folder.glob("*.json"):
        file.unlink()
    return sorted(record.name for record, _ in running)


def _records(folder: Path) -> list[Record]:
    return [Record(**json.loads(file.read_text())) for file in sorted(folder.glob("*.json"))]


def _group(record: Record) -> list[psutil.Process]:
    """The recorded process and children that outlived it, if they show its command line."""
    return [
        process
        for process in psutil.process_iter()
        if _belongs(process, record.pid) and _shows(process, record.argv)
    ]


def _belongs(process: psutil.Process, group: int) -> bool:
    try:
        return process.pid == group or os.getpgid(process.pid) == group
    except (ProcessLookupError, PermissionError):
        return False


def _shows(process: psutil.Process, argv: Sequence[str]) -> bool:
    try:
        return bool(process.cmdline() == list(argv))
    except psutil.Error:
        return False


def _signal(process: psutil.Process, number: Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
