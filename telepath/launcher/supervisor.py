"""Keeps a set of processes running: one that dies is started again, the others go on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from telepath.launcher.children import (
    Child,
    LaunchError,
    last_words,
    spawn,
    stop_all,
    wait_until,
)
from telepath.launcher.folder import Folder, shown
from telepath.launcher.leftovers import forget, remember
from telepath.launcher.processes import ProcessSpec
from telepath.launcher.servers import START_SECONDS, PreparedServer
from telepath.launcher.signs import Signs

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STEADY_SECONDS = 60.0  # after this the next death counts as the first again
LOOK_EVERY = 0.2
LISTEN_EVERY = 5.0
MUTE_SECONDS = 90.0
"""Without a sign of life, also from its start, after which a process hangs and is ended."""


@dataclass
class Kept:
    """A process that is kept running. `due`: when to start it again, None while it runs."""

    child: Child
    deaths: int = 0
    due: float | None = None
    heard: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._signs = Signs(self.child.spec)

    def listen(self) -> None:
        if self._signs.are_promised and self._signs.are_new():
            self.heard = time.monotonic()

    @property
    def is_mute(self) -> bool:
        silent_s = time.monotonic() - max(self.heard, self.child.started)
        return self._signs.are_promised and silent_s > MUTE_SECONDS

    def wait_after_death(self) -> float:
        """Seconds until the next start: doubled with each death in a row."""
        steady = time.monotonic() - self.child.started > STEADY_SECONDS
        self.deaths = 1 if steady else self.deaths + 1
        return min(FIRST_WAIT * 2.0 ** (self.deaths - 1), LONGEST_WAIT)


class Supervisor:
    """Owner of all processes of one start. `say` tells the person at the terminal."""

    def __init__(self, folder: Folder, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self._servers: list[Kept] = []
        self._apps: list[Kept] = []

    def start_server(self, server: PreparedServer) -> None:
        """Start and wait for the answer. Raises LaunchError when none comes."""
        child = self._spawn(server.spec)
        self._servers.append(Kept(child))
        wait_until(server.is_ready, child, seconds=START_SECONDS)

    def start_app(self, spec: ProcessSpec) -> Child:
        child = self._spawn(spec)
        self._apps.append(Kept(child))
        return child

    def run_step(self, spec: ProcessSpec) -> str:
        """Run a process to its end and return what it wrote. Raises LaunchError when it fails."""
        child = self._spawn(spec)
        step = Kept(child)
        self._apps.append(step)
        code = child.process.wait()
        self._apps.remove(step)
        forget(self.folder.processes, spec)
        if code:
            raise LaunchError(f"`{spec.name}` failed. {last_words(child.log, lines=15)}")
        return child.log.read_text()

    def watch(self) -> None:
        """Until a signal interrupts it: look at every process, start again what died or hangs."""
        Thread(target=self._listen, name="signs", daemon=True).start()
        while True:
            for kept in [*self._servers, *self._apps]:
                self._look_at(kept)
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """The people's side first, then the servers that it writes to."""
        for kept in (self._apps, self._servers):
            stop_all(one.child for one in kept)
            for one in kept:
                forget(self.folder.processes, one.child.spec)

    def _spawn(self, spec: ProcessSpec) -> Child:
        return self._remembered(spawn(spec, self.folder.fresh_log(spec.name)))

    def _remembered(self, child: Child) -> Child:
        """Note it for the next start, should this one be killed. A full disk stops nothing."""
        try:
            remember(self.folder.processes, child.spec, child.pid)
        except OSError as fault:
            self.say(f"{child.spec.name} runs, but could not be noted ({fault.strerror}).")
        return child

    def _look_at(self, kept: Kept) -> None:
        if kept.due is not None:
            if time.monotonic() >= kept.due:
                self._start_again(kept)
        elif not kept.child.is_running():
            self._mourn(kept)
        elif kept.is_mute:
            self.say(f"{kept.child.spec.name} runs, but shows no sign of life: ending it.")
            kept.child.end_group()
            self._mourn(kept)

    def _listen(self) -> None:
        """From a thread, because a process that hangs lets those wait who ask it."""
        while True:
            for kept in self._apps:
                kept.listen()
            time.sleep(LISTEN_EVERY)

    def _start_again(self, kept: Kept) -> None:
        try:
            child = spawn(kept.child.spec, kept.child.log)
        except OSError as fault:  # no room for a log, no process number left: both pass
            wait = kept.wait_after_death()
            kept.due = time.monotonic() + wait
            self.say(
                f"{kept.child.spec.name} cannot start ({fault.strerror}); again in {wait:g} s."
            )
            return
        kept.due, kept.child = None, self._remembered(child)

    def _mourn(self, kept: Kept) -> None:
        """Free what the dead process held, and set the time of its next start."""
        kept.child.end_group()
        wait = kept.wait_after_death()
        kept.due = time.monotonic() + wait
        name, code = kept.child.spec.name, kept.child.process.returncode
        self.say(
            f"{name} ended ({_manner(code)}); it starts again in {wait:g} s, the others go on. "
            f"Its log: {shown(kept.child.log)}"
        )


def _manner(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by signal {-code}"
