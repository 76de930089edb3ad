"""One start from beginning to end: servers, schema, demo, the application, and the stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType

from telepath.launcher.children import Child, LaunchError, wait_until
from telepath.launcher.environment import common_environment, refuse_embedded_production
from telepath.launcher.folder import Folder, shown
from telepath.launcher.health import is_well, not_ready
from telepath.launcher.leftovers import end_leftovers
from telepath.launcher.postgres import prepare_postgres
from telepath.launcher.private import free_port, is_taken
from telepath.launcher.processes import Launch, manage, process_table
from telepath.launcher.redis_server import prepare_redis
from telepath.launcher.supervisor import Supervisor

FIRST_PAGE_SECONDS = READY_SECONDS = 90.0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, or a polite request of the system to end."""


def run(launch: Launch, *, demo: bool, say: Callable[[str], None]) -> None:
    """Start everything, watch it until somebody stops it, and leave no process behind.

    Raises LaunchError, after stopping what was started, when the start cannot be finished.
    """
    refuse_embedded_production(os.environ)
    _on_ending_signals(_StopOnce())
    try:
        _run(launch, demo=demo, say=say)
    except StopRequested:
        say("\nStopping. Nothing had been started yet.")


def _run(launch: Launch, *, demo: bool, say: Callable[[str], None]) -> None:
    folder = Folder(launch.var)
    with folder.held_by(pid=os.getpid(), address=launch.address):
        recover(folder, say)
        refuse_taken_port(launch)
        supervisor = Supervisor(folder, say)
        try:
            _start(supervisor, launch, demo=demo)
            supervisor.watch()
        except StopRequested:
            say("\nStopping. Unfinished work is kept for the next start.")
        finally:
            _on_ending_signals(signal.SIG_IGN)
            supervisor.stop()
    say(f"Stopped. All data is kept in {shown(folder.path)}/.")


def recover(folder: Folder, say: Callable[[str], None]) -> None:
    """End what a killed launcher left, and tell whoever starts now."""
    ended = end_leftovers(folder.processes)
    if ended:
        say(f"The last start was killed; ended what it left running: {', '.join(ended)}.")
    if folder.is_interrupted_first_start:
        say("The first start did not finish; carrying on from where it stopped.")


def refuse_taken_port(launch: Launch) -> None:
    """Raises LaunchError naming the port and how to choose another."""
    if is_taken(launch.host, launch.port):
        raise LaunchError(
            f"Port {launch.port} is in use by another program. Choose another, for example: "
            f"make run PORT={_another_port(launch)}"
        )


def _another_port(launch: Launch) -> int:
    nearby = range(launch.port + 1, min(launch.port + 20, 65_536))
    return next((port for port in nearby if not is_taken(launch.host, port)), free_port())


def _start(supervisor: Supervisor, launch: Launch, *, demo: bool) -> None:
    say, folder = supervisor.say, supervisor.folder
    addresses = _servers(supervisor)
    launch = replace(launch, env=common_environment(launch, folder, addresses))
    folder.write_servers(launch.env)
    say("Bringing the database up to date.")
    supervisor.run_step(manage(launch, "migrate", "--no-input"))
    _register_model(supervisor, launch)
    # Demo people have known passwords: never on a database that somebody else provided.
    logins = _demo(supervisor, launch) if demo and "DATABASE_URL" not in os.environ else ""
    say("Starting the web server, the workers and the scheduler.")
    children = {spec.name: supervisor.start_app(spec) for spec in process_table(launch)}
    _wait_until_ready(launch, children["web"], say)
    folder.mark_finished()
    say(_greeting(launch, folder, logins))


def _servers(supervisor: Supervisor) -> Mapping[str, str]:
    """The addresses of both servers; those that the environment does not name are started here."""
    addresses = {}
    for name, server, prepare in (
        ("DATABASE_URL", "postgres", prepare_postgres),
        ("REDIS_URL", "redis", prepare_redis),
    ):
        if os.environ.get(name):
            addresses[name] = os.environ[name]
            continue
        directory = supervisor.folder.path / server
        supervisor.say(f"Starting {server} in {shown(directory)}/.")
        prepared = prepare(directory)
        supervisor.start_server(prepared)
        addresses[name] = prepared.url
    return addresses


def _register_model(supervisor: Supervisor, launch: Launch) -> None:
    """Take up the shipped model. People can work without one, so a failure is only told."""
    try:
        supervisor.run_step(manage(launch, "models", "register", "--activate"))
    except LaunchError as reason:
        supervisor.say(f"There is no new model, so a case may say 'no AI result'. {reason}")


def _demo(supervisor: Supervisor, launch: Launch) -> str:
    """What the command prints: the people and their passwords."""
    supervisor.say("Making sure that the demo people and cases are there.")
    quiet = replace(launch, env={**launch.env, "LOG_LEVEL": "WARNING"})
    return supervisor.run_step(manage(quiet, "demo")).strip()


def _wait_until_ready(launch: Launch, web: Child, say: Callable[[str], None]) -> None:
    """Without pages the start fails. What lacks behind them is told: people can read meanwhile."""
    at, site = {"host": launch.near}, launch.env["SITE_URL"]
    wait_until(lambda: is_well(launch.port, site, **at), web, seconds=FIRST_PAGE_SECONDS)
    deadline = time.monotonic() + READY_SECONDS
    while lacking := not_ready(launch.port, site, **at):
        if time.monotonic() > deadline:
            say(f"The pages can be used, but something is not well: {lacking}.")
            return
        time.sleep(0.1)


def _greeting(launch: Launch, folder: Folder, logins: str) -> str:
    return "\n".join(
        [
            "",
            f"Telepath is ready at {launch.address}",
            *(["", logins] if logins else []),
            "",
            f"Logs and e-mails are in {shown(folder.path)}/log/ and {shown(folder.path)}/mail/.",
            "Ctrl-C stops everything; the data stays.",
        ]
    )


def _on_ending_signals(handler: signal.Handlers | Callable[[int, FrameType | None], None]) -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, handler)


class _StopOnce:
    """Raises StopRequested once: a second signal, such as `make` passes on, breaks off no stop."""

    def __init__(self) -> None:
        self._is_asked = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if not self._is_asked:
            self._is_asked = True
            raise StopRequested
