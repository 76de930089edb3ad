"""Supervision: what dies is started again, what stops leaves nothing behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from telepath.launcher import __main__ as command
from telepath.launcher import supervisor as supervision
from telepath.launcher.children import LaunchError, spawn, stop_all, wait_until
from telepath.launcher.folder import Folder
from telepath.launcher.leftovers import end_leftovers, remember
from telepath.launcher.processes import ProcessSpec
from telepath.launcher.supervisor import Kept, Supervisor

SLEEPER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(1, flush=True); time.sleep(600)"
)
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"


def python(code: str, name: str = "app", **options) -> ProcessSpec:
    return ProcessSpec(name=name, argv=(sys.executable, "-c", code), **options)


@pytest.fixture
def sentences():
    return []


@pytest.fixture
def supervisor(tmp_path, sentences):
    one = Supervisor(Folder(tmp_path / "var"), sentences.append)
    yield one
    one.stop()


def until(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def look(supervisor: Supervisor) -> None:
    for kept in supervisor._apps:
        supervisor._look_at(kept)


def test_what_runs_but_shows_no_life_is_ended_and_started_again(
    supervisor, sentences, tmp_path, monkeypatch
):
    """A worker that hangs whole: its watchdog hangs with it."""
    monkeypatch.setattr(supervision, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(supervision, "MUTE_SECONDS", 1.0)
    alive = tmp_path / "alive" / "worker"
    shows = (
        "import time; from telepath.core.watchdog import keep_showing_life\n"
        "keep_showing_life(every=0.05); time.sleep(600)"
    )
    worker = supervisor.start_app(python(shows, "worker", env={"SIGN_OF_LIFE": str(alive)}))
    quiet = supervisor.start_app(python(SLEEPER, "quiet"))
    supervisor._servers.append(Kept(spawn(python(SLEEPER, "server"), tmp_path / "server.log")))
    until(alive.exists)

    def watch_for(seconds: float) -> bool:
        """Whether somebody was missed meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not sentences:
            for kept in supervisor._apps:
                kept.listen()
            for kept in (*supervisor._apps, *supervisor._servers):
                supervisor._look_at(kept)
            time.sleep(0.05)
        return bool(sentences)

    assert not watch_for(2.0), "who shows life, or never promised any, is left alone"
    os.kill(worker.pid, signal.SIGSTOP)
    assert watch_for(30)
    assert sentences[0] == "worker runs, but shows no sign of life: ending it."
    until(lambda: look(supervisor) or supervisor._apps[0].child.pid != worker.pid)
    assert is_gone(worker.pid)
    assert quiet.is_running()


def test_what_dies_is_started_again_and_the_others_go_on(supervisor, sentences, monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_WAIT", 0.0)
    first = supervisor.start_app(python(SLEEPER, "worker"))
    other = supervisor.start_app(python(SLEEPER, "web"))
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    look(supervisor)
    look(supervisor)
    again = supervisor._apps[0].child
    assert again.is_running()
    assert again.pid != first.pid
    assert other.is_running()
    assert "worker ended (killed by signal 9); it starts again in" in sentences[0]


def test_the_wait_doubles_up_to_a_limit_and_is_forgiven_after_a_steady_while(tmp_path):
    kept = Kept(spawn(python("pass"), tmp_path / "log"))
    waits = [kept.wait_after_death() for _ in range(9)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    kept.child.started -= supervision.STEADY_SECONDS + 1
    assert kept.wait_after_death() == 0.5
    kept.child.process.wait()


def test_a_stop_ends_also_what_the_children_started(supervisor):
    child = supervisor.start_app(python(PARENT))
    until(lambda: psutil.Process(child.pid).children())
    grandchild = psutil.Process(child.pid).children()[0]
    supervisor.stop()
    assert is_gone(child.pid)
    until(lambda: is_gone(grandchild.pid))
    assert not list(supervisor.folder.processes.iterdir())


def test_a_process_that_will_not_stop_is_ended_after_its_grace(tmp_path):
    child = spawn(python(STUBBORN, grace_seconds=0.2), tmp_path / "log")
    until(lambda: child.log.read_text())
    stop_all([child])
    assert child.process.returncode == -signal.SIGKILL


def test_servers_die_last(supervisor, tmp_path):
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_): open({order!r}, 'a').write({name!r} + '\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print(1, flush=True); time.sleep(600)"
    )
    specs = [python(code.format(order=str(order), name=name), name) for name in ("server", "web")]
    server = supervisor._spawn(specs[0])
    supervisor._servers.append(Kept(server))
    web = supervisor.start_app(specs[1])
    until(lambda: server.log.read_text() and web.log.read_text())
    supervisor.stop()
    assert order.read_text().split() == ["web", "server"]


def test_a_step_returns_its_words_and_a_failed_step_shows_them(supervisor):
    assert supervisor.run_step(python("print('hello')")) == "hello\n"
    with pytest.raises(LaunchError, match=r"`app` failed\. The end of .*\n.*no such table"):
        supervisor.run_step(python("raise SystemExit('no such table')"))


def test_a_child_that_dies_while_starting_is_not_waited_for(tmp_path):
    child = spawn(python("raise SystemExit('port taken')"), tmp_path / "log")
    with pytest.raises(LaunchError, match="app stopped while starting(.|\n)*port taken"):
        wait_until(lambda: False, child, seconds=10)


def test_a_child_that_never_answers_is_given_up(tmp_path):
    child = spawn(python(SLEEPER), tmp_path / "log")
    with pytest.raises(LaunchError, match="did not answer within 0 s"):
        wait_until(lambda: False, child, seconds=0.1)
    stop_all([child])


def test_the_next_start_ends_what_a_killed_launcher_left(tmp_path):
    child = spawn(python(SLEEPER, "redis"), tmp_path / "log")
    remember(tmp_path, child.spec, child.pid)
    assert end_leftovers(tmp_path) == ["redis"]
    assert not child.is_running()
    assert end_leftovers(tmp_path) == []


def test_forked_children_of_a_dead_worker_are_found_by_their_group(tmp_path):
    fork = "import os, time; os.fork(); time.sleep(600)"
    child = spawn(python(fork, "worker"), tmp_path / "log")
    until(lambda: psutil.Process(child.pid).children())
    orphan = psutil.Process(child.pid).children()[0]
    os.kill(child.pid, signal.SIGKILL)
    child.process.wait()
    remember(tmp_path, child.spec, child.pid)
    assert end_leftovers(tmp_path) == ["worker"]
    until(lambda: is_gone(orphan.pid))


def test_a_record_whose_number_belongs_to_another_program_ends_nothing(tmp_path):
    stranger = spawn(python(SLEEPER), tmp_path / "log")
    remember(tmp_path, python("something else", "web"), stranger.pid)
    assert end_leftovers(tmp_path) == []
    assert stranger.is_running()
    stop_all([stranger])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_kill_9_of_the_parent_leaves_no_orphan(tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path\n"
        "from telepath.launcher.children import spawn; from telepath.launcher.processes import *\n"
        f"spec = ProcessSpec(name='x', argv=(sys.executable, '-c', {SLEEPER!r}))\n"
        "child = spawn(spec, Path(sys.argv[1]))\n"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    until(lambda: is_gone(int(done.stdout)))


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_ends_nothing_and_what_died_meanwhile_comes_back(
    supervisor, sentences, monkeypatch
):
    monkeypatch.setattr(supervision, "FIRST_WAIT", 0.0)
    with monkeypatch.context() as full:
        full.setattr(supervision, "remember", no_room)
        first = supervisor.start_app(python(SLEEPER, "worker"))
        assert first.is_running()
        os.kill(first.pid, signal.SIGKILL)
        first.process.wait()
        full.setattr(supervision, "spawn", no_room)
        for _ in range(3):
            look(supervisor)
    assert any("cannot start (No space left on device)" in one for one in sentences)

    look(supervisor)

    assert supervisor._apps[0].child.is_running()


def test_words_that_find_no_room_are_left_unsaid(monkeypatch):
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=no_room, flush=no_room))
    command._say("Starting.")
