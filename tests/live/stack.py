"""The whole platform as real processes, on the database of the running tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import psutil
from django.db import connection

from telepath.launcher.children import Child, spawn, stop_all
from telepath.launcher.processes import Launch, ProcessSpec, process_table
from tests.embedded import EmbeddedServer, start_redis
from tests.servers import STARTED

T = TypeVar("T")


def until(question: Callable[[], T], *, seconds: float = 60, every: float = 0.1) -> T:
    """The first truthy answer of `question`. AssertionError with the last one after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain, last answer: {answer!r}"
        time.sleep(every)
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Of the database that the running test uses, for processes that it starts."""
    now = connection.settings_dict
    password = f":{quote(now['PASSWORD'])}" if now["PASSWORD"] else ""
    return f"postgres://{now['USER']}{password}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


def family_of(pid: int) -> list[psutil.Process]:
    """A process and all that it started, the process first."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


@contextlib.contextmanager
def suspended(pid: int) -> Iterator[None]:
    """Inside the block a process and all that it started stand still."""
    processes = family_of(pid)
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            process.resume()


class Stack:
    """Web server, two workers and the scheduler, with a Redis of their own that tests may kill."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.redis: EmbeddedServer = start_redis(folder / "redis", durable=False)
        self.launch = Launch(
            var=folder, port=free_port(), env={**env, "REDIS_URL": self.redis.url, "CACHE_URL": ""}
        )
        (folder / "beat").mkdir(parents=True, exist_ok=True)
        self.specs: dict[str, ProcessSpec] = {s.name: s for s in process_table(self.launch)}
        self.children: dict[str, Child] = {}

    @property
    def url(self) -> str:
        return self.launch.address

    @contextlib.contextmanager
    def with_settings(self, env: dict[str, str]) -> Iterator[None]:
        """Inside the block all processes run with these settings besides, and are new."""
        before = self.specs
        stop_all(self.children.values())
        launch = replace(self.launch, env={**self.launch.env, **env})
        self.specs = {spec.name: spec for spec in process_table(launch)}
        try:
            self.start()
            yield
        finally:
            stop_all(self.children.values())
            self.specs = before

    def start(self, *names: str) -> None:
        """Start the named processes (all by default) that do not run."""
        for name in names or self.specs:
            child = self.children.get(name)
            if child is None or not child.is_running():
                log = self.folder / "log" / f"{name}.log"
                self.children[name] = spawn(self.specs[name], log)
        until(self.answers, seconds=60)

    def kill(self, name: str) -> None:
        """`kill -9` for a process and everything that it forked."""
        child = self.children[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.process.wait()

    def kill_redis(self) -> None:
        os.kill(self.redis.child.pid, signal.SIGKILL)

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Inside the block "redis", "postgres" or a process hangs: it keeps its lines and is mute.

        A frozen database answers the test as little as anybody else.
        """
        with suspended(self._pid_of(name)):
            yield

    @contextlib.contextmanager
    def gone(self, name: str) -> Iterator[None]:
        """Inside the block "redis" or "postgres" was killed; afterwards it is back where it was."""
        server = self.redis if name == "redis" else STARTED["DATABASE_URL"]
        os.kill(server.child.pid, signal.SIGKILL)
        try:
            yield
        finally:
            server.start_again()
            connection.close()  # the one of the test, which broke

    def _pid_of(self, name: str) -> int:
        if name == "redis":
            return self.redis.child.pid
        return STARTED["DATABASE_URL"].child.pid if name == "postgres" else self.children[name].pid

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/account/login/", timeout=5) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        stop_all(self.children.values())
        self.redis.stop()
