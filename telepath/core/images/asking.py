"""How a process asks for pictures to be read apart: one helper, a child of it for each picture."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telepath.core.scratch import Scratch

MESSAGE_BYTES = 1 << 16
_ROOT = Path(__file__).parents[3]
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
_OF_THE_HELPER = {
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "VIPS_CONCURRENCY": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Few arenas and threads: address space is what a child is bound to. No thread before a fork.

All memory of a child is new to it. From one heap, in huge pages, a field of 1600 x 1200 costs 2,000
page faults instead of 10,000, and a quarter less time.
"""


class ReaderDied(RuntimeError):
    """The process apart was ended from outside; the picture is not to blame, as far as is known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one picture.

    told: what the child said, empty if it ended before. memory: descriptor of the shared memory
    with the pixels, if there are any; the caller's to close. ended: exit status, or minus the
    signal, of a child that said nothing.
    """

    told: dict[str, Any]
    memory: int | None = None
    ended: int = 0


class Helper:
    """The helper of this process: started when first asked, anew after it died or after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._scratch: Scratch | None = None
        self._line: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def folder(self) -> tempfile.TemporaryDirectory[str]:
        """A new folder for one picture; delete it afterwards."""
        with self._lock:
            root = self._running().root
            return tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True)

    def ask(self, job: dict[str, Any], wall_s: float) -> Answer:
        """Have one picture read, within `wall_s` seconds. Raises `ReaderDied`."""
        with self._lock, self._child(json.dumps(job).encode()) as child:
            child.settimeout(wall_s)
            try:
                said, memory, _, _ = socket.recv_fds(child, MESSAGE_BYTES, 1)
            except ConnectionResetError:  # it died before it had read its job
                return self._without_words()
            except TimeoutError:
                self._stop()
                return Answer({"spent": "time"})
            except BaseException:  # also a time limit of the asking task: the answer would be late
                self._stop()
                raise
            return Answer(json.loads(said), *memory) if said else self._without_words()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _child(self, job: bytes) -> socket.socket:
        """The line to a child that has its job now."""
        self._running()
        while True:
            _, line = self._heard()
            if not line:  # how the child before ended
                continue
            child = socket.socket(fileno=line[0])
            with suppress(BrokenPipeError):  # it died while it waited
                child.send(job)
                return child
            child.close()

    def _without_words(self) -> Answer:
        ended, _ = self._heard()
        return Answer({}, ended=int(ended))

    def _heard(self) -> tuple[bytes, list[int]]:
        """The next message of the helper: a line to a new child, or how the last one ended."""
        assert self._line
        said, line, _, _ = socket.recv_fds(self._line, MESSAGE_BYTES, 1)
        if not said:
            self._stop()
            raise ReaderDied("The process that reads pictures was ended.")
        return said, line

    def _running(self) -> Scratch:
        """The scratch folder of a helper that runs."""
        is_own = self._owner == os.getpid()
        is_running = is_own and self.process and self.process.poll() is None
        # A system may clear up what is old; the helper works in no other folder.
        if is_running and self._scratch and self._scratch.root.exists():
            return self._scratch
        if is_own:
            self._stop()
        self._owner, self._scratch = os.getpid(), Scratch()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(theirs.fileno()), str(self._scratch.root)]
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "telepath.core.images.helper", *arguments],
                cwd=_ROOT,
                env={**passed_on, **_OF_THE_HELPER},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return self._scratch

    def _stop(self) -> None:
        process, self.process = self.process, None
        scratch, self._scratch = self._scratch, None
        if self._line:
            self._line.close()
        if process:
            process.kill()
            process.wait()
        if scratch:
            scratch.close()
