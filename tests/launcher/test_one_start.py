"""The order of one start, in this process: what is asked of whom, and what a failure leaves."""

from __future__ import annotations

import signal
import sys

import pytest

from telepath.launcher import launch as launching
from telepath.launcher.children import LaunchError
from telepath.launcher.launch import StopRequested, run
from telepath.launcher.private import free_port
from telepath.launcher.processes import Launch, ProcessSpec

PAGE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        is_ready = self.path == "/healthz/live" or sys.argv[2] == "{}"
        self.send_response(200 if is_ready else 503); self.end_headers()
        self.wfile.write(sys.argv[2].encode())
HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


def step(_launch: Launch, *words: str) -> ProcessSpec:
    code = f"import sys; print('did {words[0]}'); sys.exit({int(words[0] == 'broken')})"
    return ProcessSpec(name=words[0], argv=(sys.executable, "-c", code))


def web_only(launch: Launch, lacks: str = "{}") -> list[ProcessSpec]:
    return [ProcessSpec(name="web", argv=(sys.executable, "-c", PAGE, str(launch.port), lacks))]


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A launch of an application of one page, interrupted as soon as it is up."""
    before = {number: signal.getsignal(number) for number in launching.ENDING_SIGNALS}
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEPATH_ENV", "development")
    monkeypatch.setattr(launching, "manage", step)
    monkeypatch.setattr(launching, "process_table", web_only)

    def interrupt(_supervisor):
        raise StopRequested

    monkeypatch.setattr(launching.Supervisor, "watch", interrupt)
    yield Launch(var=tmp_path / "var", port=free_port())
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_whole_start_tells_each_step_and_then_the_address(stand_in):
    said: list[str] = []
    run(stand_in, demo=True, say=said.append)
    assert [sentence.strip().split("\n")[0].split(" in ")[0] for sentence in said] == [
        "Starting postgres",
        "Starting redis",
        "Bringing the database up to date.",
        "Making sure that the demo people and cases are there.",
        "Starting the web server, the workers and the scheduler.",
        f"Telepath is ready at {stand_in.address}",
        "Stopping. Unfinished work is kept for the next start.",
        "Stopped. All data is kept",
    ]
    assert "did demo" in said[5]


def test_servers_of_ones_own_are_used_and_get_no_demo_people(stand_in, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://own/db")
    monkeypatch.setenv("REDIS_URL", "redis://own")
    said: list[str] = []
    run(stand_in, demo=True, say=said.append)
    assert not [sentence for sentence in said if "postgres" in sentence or "demo" in sentence]


def test_what_is_not_ready_behind_the_pages_is_said_and_the_start_goes_on(stand_in, monkeypatch):
    answer = '{"status": "not ready", "database": "ok", "storage": "away", "work": "nobody works"}'
    monkeypatch.setattr(launching, "process_table", lambda launch: web_only(launch, answer))
    monkeypatch.setattr(launching, "READY_SECONDS", 0.0)
    said: list[str] = []
    run(stand_in, demo=False, say=said.append)
    assert "The pages can be used, but something is not well: storage, nobody works." in said
    assert [one for one in said if "Telepath is ready" in one]


def test_without_a_model_the_start_goes_on_and_says_so(stand_in, monkeypatch):
    def no_model(launch: Launch, *words: str) -> ProcessSpec:
        return step(launch, "broken" if words[0] == "models" else words[0])

    monkeypatch.setattr(launching, "manage", no_model)
    said: list[str] = []
    run(stand_in, demo=True, say=said.append)
    assert [one for one in said if one.startswith("There is no new model")]
    assert [one for one in said if "Telepath is ready" in one]


def test_a_step_that_fails_stops_the_servers_and_shows_the_log(stand_in, monkeypatch):
    monkeypatch.setattr(launching, "manage", lambda launch, *_words: step(launch, "broken"))
    with pytest.raises(LaunchError, match=r"`broken` failed(.|\n)*did broken"):
        run(stand_in, demo=True, say=lambda _sentence: None)
    assert not list((stand_in.var / "processes").iterdir())
    assert not (stand_in.var / "servers.env").exists()


def test_a_stop_before_anything_was_started_is_said_in_a_sentence(stand_in, monkeypatch):
    monkeypatch.setattr(launching, "recover", lambda *_: signal.raise_signal(signal.SIGTERM))
    said: list[str] = []
    run(stand_in, demo=False, say=said.append)
    assert said == ["\nStopping. Nothing had been started yet."]
