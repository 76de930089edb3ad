"""What reading one picture may cost, held by the kernel and not by the reader's good will."""

from __future__ import annotations

import resource
import signal
from dataclasses import dataclass

from telepath.core.images.refusal import ImageRefused

_GIB = 1024**3
_SPENT = {
    "memory": "more memory",
    "disk": "more room on disk",
    "time": "longer",
}
_ENDED_BY = {-signal.SIGXFSZ: "disk", -signal.SIGXCPU: "time"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """memory: bytes of address space. disk: bytes of one file. cpu_s, wall_s: seconds."""

    memory: int = 3 * _GIB
    disk: int = 3 * _GIB // 2
    cpu_s: int = 240
    wall_s: float = 300.0


DEFAULT_ALLOWANCE = Allowance()


def hold_to(allowance: Allowance) -> None:
    """Bind this process to `allowance` for the rest of its life."""
    for kind, most in (
        (resource.RLIMIT_AS, allowance.memory),
        (resource.RLIMIT_FSIZE, allowance.disk),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # The hard limit ends it by SIGKILL, which says nothing of time.
    resource.setrlimit(resource.RLIMIT_CPU, (allowance.cpu_s, allowance.cpu_s + 1))
    # Python ignores it, and a library would take the failed write for a fault of the file.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def spent_by(ended: int) -> str | None:
    """What a process ran out of that ended with this status; None: of nothing that is known."""
    return _ENDED_BY.get(ended)


def too_costly(what: str) -> ImageRefused:
    """what: memory, disk or time."""
    return ImageRefused(
        f"Unpacking this picture takes {_SPENT[what]} than any field needs, so it was stopped. "
        "Export it in colour (RGB, 8 bit) as single fields, and send those.",
        code="too_costly",
    )
