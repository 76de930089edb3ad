"""The embedded servers: quick, private, durable, and gone when they should be."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from telepath.launcher import postgres
from telepath.launcher.children import LaunchError
from tests.embedded import start_postgres, start_redis


@pytest.fixture
def database(tmp_path):
    server = start_postgres(tmp_path / "postgres", durable=False)
    yield server
    server.stop()


def values(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def wait_for_the_end(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs")


def test_postgres_starts_for_any_user_and_never_runs_as_root(tmp_path):
    server = start_postgres(tmp_path / "postgres", durable=False)
    try:
        assert values(server.url, "SELECT current_user, current_database()") == [
            ("telepath", "telepath")
        ]
        assert psutil.Process(server.child.pid).uids().effective != 0
    finally:
        server.stop()
    wait_for_the_end(server.child.pid)


def test_the_application_is_no_superuser_but_can_make_a_test_database(database):
    question = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert values(database.url, question) == [(False, True)]
    assert values(database.admin_url, question) == [(True, True)]


def test_a_wrong_password_opens_nothing(database):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database.url.replace("telepath:", "telepath:x"))


def test_postgres_writes_down_no_statement_and_no_value_that_it_refused(database, tmp_path):
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text PRIMARY KEY, born date)")
        twice = "INSERT INTO people VALUES ('Zephyrine', '2016-02-29')"
        for statement in (twice, twice, twice.replace("02-29", "02-31"), "SELECT 'Zephyrine' / 0"):
            with contextlib.suppress(psycopg.Error):
                connection.execute(statement)
        with contextlib.suppress(psycopg.Error):
            connection.execute("INSERT INTO people VALUES (%s, %s)", ("Zephyrine", "2016-02-31"))
        asked = "SELECT 'Zephyrine', pg_terminate_backend(pg_backend_pid())"
        with contextlib.suppress(psycopg.Error):
            connection.execute(asked)
    written = database.prepared.log.read_text()
    assert "terminating connection" in written
    assert "Zephyrine" not in written
    assert "2016-02" not in written


def test_what_was_committed_outlives_kill_9(database):
    with psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(database.child.pid, signal.SIGKILL)
    database.start_again()
    assert values(database.url, "SELECT answer FROM kept") == [(42,)]


def test_a_second_server_on_the_same_folder_is_refused(database, tmp_path):
    with pytest.raises(LaunchError, match=rf"already runs on .* \(process {database.child.pid}\)"):
        start_postgres(tmp_path / "postgres")
    assert values(database.url, "SELECT 1") == [(1,)]


def test_a_lock_file_with_the_number_of_another_program_is_no_obstacle(database, tmp_path):
    database.stop()
    stale = tmp_path / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n")
    again = start_postgres(tmp_path / "postgres")
    again.stop()


def test_a_cluster_that_was_half_made_is_made_again(tmp_path):
    (tmp_path / "data.partial" / "base").mkdir(parents=True)
    server = start_postgres(tmp_path, durable=False)
    server.stop()
    assert not (tmp_path / "data.partial").exists()


def test_data_of_another_version_are_left_alone_with_a_sentence(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(LaunchError, match="is of PostgreSQL 16; this Telepath brings 18"):
        start_postgres(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its server to another user")
def test_root_can_keep_its_folders_closed_to_others(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = start_postgres(closed / "postgres", durable=False)
    server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_root_without_setpriv_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    with pytest.raises(LaunchError, match="Start as an ordinary user, or set DATABASE_URL"):
        postgres._wrapper(tmp_path)


def test_redis_keeps_messages_over_a_restart_and_asks_for_a_password(tmp_path):
    server = start_redis(tmp_path)
    try:
        redis.Redis.from_url(server.url).rpush("queue", "message")
        server.start_again()
        assert redis.Redis.from_url(server.url).lrange("queue", 0, -1) == [b"message"]
        port = int(server.url.rsplit(":", 1)[1].split("/")[0])
        stranger = redis.Redis(port=port, retry=Retry(NoBackoff(), 0))
        with pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()
    finally:
        server.stop()


def test_servers_end_with_the_program_that_started_them(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from tests.embedded import *\n"
        "starts = (start_postgres, start_redis)\n"
        "both = [start(Path(sys.argv[1]) / start.__name__) for start in starts]\n"
        "print(*[one.child.pid for one in both], flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    for pid in pids:
        wait_for_the_end(pid)


def test_secrets_are_readable_by_their_owner_only(database, tmp_path):
    for name in ("postgres.password", "telepath.password"):
        assert (tmp_path / "postgres" / name).stat().st_mode & 0o777 == 0o600
