"""A whole start with a stand-in for the application: sentences, locks, signals, what stays."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from telepath.launcher import __main__ as command
from telepath.launcher.children import LaunchError
from telepath.launcher.environment import common_environment, refuse_embedded_production
from telepath.launcher.folder import Folder
from telepath.launcher.launch import refuse_taken_port
from telepath.launcher.private import free_port, write_private
from telepath.launcher.processes import Launch, process_table

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from telepath.launcher import launch
from telepath.launcher.__main__ import main
from telepath.launcher.processes import ProcessSpec, PYTHON

PAGE = '''
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Login(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"<form>")
HTTPServer(("127.0.0.1", int(sys.argv[1])), Login).serve_forever()
'''
SLEEP = "import time; time.sleep(600)"

def table(one):
    yield ProcessSpec(name="web", argv=(PYTHON, "-c", PAGE, str(one.port)))
    yield ProcessSpec(name="worker-cpu", argv=(PYTHON, "-c", SLEEP))

def step(one, *words):
    return ProcessSpec(name=words[0], argv=(PYTHON, "-c", f"print('ran {words[0]}')"))

launch.process_table, launch.manage = table, step
sys.exit(main(sys.argv[1:]))
"""


class Terminal:
    """A launcher in a process of its own, and what it wrote."""

    def __init__(self, var: Path, port: int) -> None:
        clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        self.output = var.with_name(f"output-{time.monotonic_ns()}")
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", STAND_IN, "--port", str(port)],
                cwd=ROOT,
                env={**clean, "TELEPATH_VAR": str(var), "TELEPATH_ENV": "development"},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, sentence: str) -> None:
        deadline = time.monotonic() + 60
        while sentence not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture
def terminal(tmp_path):
    """Opens terminals on one folder; ends what a failed test left open."""
    opened: list[Terminal] = []

    def open_one(port: int | None = None) -> Terminal:
        opened.append(Terminal(tmp_path / "var", port or free_port()))
        return opened[-1]

    yield open_one
    for one in opened:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run a moment later."""
    psutil.wait_procs(processes, timeout=60)
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_ctrl_c_leaves_no_process_and_the_next_start_finds_the_data(terminal, tmp_path):
    first = terminal()
    first.wait_for("Ctrl-C stops everything")
    assert re.search(r"Telepath is ready at http://127\.0\.0\.1:\d+\n\nran demo", first.text())
    started = first.descendants()
    assert len(started) >= 4
    assert first.stop(signal.SIGINT) == 0
    assert not running(started)
    secret = (tmp_path / "var" / "secret_key").read_text()
    assert not (tmp_path / "var" / "servers.env").exists()
    second = terminal()
    second.wait_for("Telepath is ready")
    assert "did not finish" not in second.text()
    assert secret in (tmp_path / "var" / "servers.env").read_text()
    assert second.stop(signal.SIGTERM) == 0


def test_signals_one_after_the_other_still_stop_it_in_good_order(terminal):
    one = terminal()
    one.wait_for("Ctrl-C stops everything")
    started = one.descendants()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        one.process.send_signal(number)
    assert one.process.wait(timeout=60) == 0
    assert not running(started)
    assert "Stopping." in one.text()
    assert "Traceback" not in one.text()


def test_a_second_start_names_the_address_of_the_first(terminal):
    port = free_port()
    first = terminal(port)
    first.wait_for("Telepath is ready")
    second = terminal()
    assert second.process.wait(timeout=60) == 1
    assert second.text() == (
        f"Telepath is already running at http://127.0.0.1:{port} (process {first.process.pid}). "
        "Open that address, or stop it with Ctrl-C in its terminal.\n"
    )
    assert first.process.poll() is None


def test_after_kill_9_of_the_launcher_nothing_is_left_and_the_next_start_works(terminal):
    first = terminal()
    first.wait_for("Telepath is ready")
    started = first.descendants()
    first.stop(signal.SIGKILL)
    assert not running(started)
    second = terminal()
    second.wait_for("Telepath is ready")


def test_an_interrupted_first_start_is_said_and_finished(terminal):
    first = terminal()
    first.wait_for("Bringing the database up to date")
    first.stop(signal.SIGKILL)
    second = terminal()
    second.wait_for("Telepath is ready")
    assert "The first start did not finish; carrying on from where it stopped." in second.text()


def test_a_port_in_use_is_named_with_another_one(terminal):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        late = terminal(port)
        assert late.process.wait(timeout=60) == 1
        assert re.fullmatch(
            rf"Port {port} is in use by another program\. Choose another, for example: "
            r"make run PORT=\d+\n",
            late.text(),
        )
        with pytest.raises(LaunchError):
            refuse_taken_port(Launch(var=Path(), port=port))


def test_production_never_starts_a_server_of_its_own():
    with pytest.raises(LaunchError, match="'production' but REDIS_URL is not set"):
        refuse_embedded_production({"TELEPATH_ENV": "production", "DATABASE_URL": "postgres://db"})
    refuse_embedded_production({})


def test_what_a_person_chose_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://telepath.example.org")
    monkeypatch.setenv("TELEPATH_ENV", "development")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    folder = Folder(tmp_path)
    launch = Launch(var=tmp_path)
    env = common_environment(launch, folder, {"REDIS_URL": "redis://here"})
    assert env["SITE_URL"] == "https://telepath.example.org"
    assert env["REDIS_URL"] == "redis://here"
    assert env["SECRET_KEY"] == common_environment(launch, folder, {})["SECRET_KEY"]
    monkeypatch.setenv("TELEPATH_ENV", "production")
    assert "SECRET_KEY" not in common_environment(launch, folder, {})


def test_the_process_table_names_every_part_once_and_no_secret_on_a_command_line(tmp_path):
    launch = Launch(var=tmp_path, env={"REDIS_URL": "redis://:hidden@here"})
    table = process_table(launch)
    assert [spec.name for spec in table] == ["web", "worker-cpu", "worker-inference", "beat"]
    assert "hidden" not in json.dumps([spec.argv for spec in table])
    assert all(spec.env["REDIS_URL"] == "redis://:hidden@here" for spec in table)


def test_each_kind_of_process_waits_for_the_database_as_long_as_suits_it(tmp_path):
    """Pool, seconds of a statement, seconds idle in a transaction; beat asks it nothing."""
    names = ("DATABASE_POOL", "DATABASE_STATEMENT_SECONDS", "DATABASE_IDLE_SECONDS")
    table = process_table(Launch(var=tmp_path))
    assert {spec.name: tuple(spec.env.get(name) for name in names) for spec in table} == {
        "web": ("16", "10", "60"),
        "worker-cpu": (None, "300", "60"),
        "worker-inference": (None, "300", "60"),
        "beat": (None, None, None),
    }


def test_an_address_with_colons_is_put_in_brackets(tmp_path):
    assert Launch(var=tmp_path, host="::1").address == "http://[::1]:8000"


def test_a_private_file_is_for_its_owner_only_from_the_first_byte(tmp_path):
    path = tmp_path / "secret"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_port_that_is_none_is_refused_with_the_range(capsys):
    with pytest.raises(SystemExit):
        command.main(["--port", "70000"])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err
