"""PostgreSQL, Redis and the launcher on a small disk that is really full, until there is room."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from psycopg.errors import DiskFull

from telepath.core.room import DATABASE_FULL
from telepath.launcher.private import free_port
from tests.disk import SmallDisk, small_disk
from tests.launcher.test_launch import Terminal

MIB = 1 << 20
CLUSTER = 192 * MIB
"""PostgreSQL's empty cluster takes 60 MB, and its log a few segments of 16."""

pytestmark = [pytest.mark.kills, pytest.mark.mounts, pytest.mark.timeout(240)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size=CLUSTER) as disk:
        yield disk


@pytest.fixture
def launcher(disk: SmallDisk) -> Iterator[Terminal]:
    port = free_port()
    running = Terminal(disk.path / "var", port)
    running.wait_for("Telepath is ready")
    yield running
    running.process.terminate()
    running.process.wait(timeout=60)


def address(var: Path, name: str) -> str:
    lines = (var / "servers.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)[name]


def web_of(launcher: Terminal) -> psutil.Process:
    """Raises StopIteration while there is none."""
    return next(one for one in launcher.descendants() if "Login" in " ".join(one.cmdline()))


def within(seconds: float, ask: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
        except (psycopg.Error, redis.exceptions.RedisError, StopIteration):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return


def test_all_of_a_start_outlives_a_full_disk(launcher: Terminal, disk: SmallDisk) -> None:
    var = disk.path / "var"
    database, broker = address(var, "DATABASE_URL"), redis.Redis.from_url(address(var, "REDIS_URL"))

    def run(statement: str) -> None:
        with psycopg.connect(database, connect_timeout=3, autocommit=True) as line:
            line.execute(statement)

    run("CREATE TABLE kept AS SELECT 7 AS number")
    broker.set("kept", "7")
    disk.fill(leave=0)

    with pytest.raises(DiskFull) as full:
        run("CREATE TABLE more AS SELECT repeat(md5(n::text), 99) FROM generate_series(1, 99999) n")
    assert full.value.sqlstate == DATABASE_FULL
    with pytest.raises(redis.exceptions.ResponseError, match="No space left"):
        while True:
            broker.set("more", os.urandom(MIB))
            time.sleep(0.3)
    with pytest.raises(psycopg.OperationalError):  # its log cannot go on: it ends itself
        while True:
            run("SELECT pg_logical_emit_message(true, 'a', repeat('b', 1000000))")
    web_of(launcher).kill()
    launcher.wait_for("web ended")
    assert launcher.process.poll() is None

    disk.make_room()
    within(60, lambda: run("CREATE TABLE again AS SELECT number FROM kept"))
    within(10, lambda: broker.set("again", "7"))
    assert broker.get("kept") == b"7"
    within(60, lambda: web_of(launcher))
    assert launcher.process.poll() is None
