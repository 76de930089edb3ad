"""PostgreSQL and Redis of one test run, which may stop, kill and start them again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from telepath.launcher.children import Child, stop_all
from telepath.launcher.postgres import prepare_postgres
from telepath.launcher.redis_server import prepare_redis
from telepath.launcher.servers import PreparedServer


@dataclass
class EmbeddedServer:
    """A server that runs. `child.pid` is its process, for tests that kill it."""

    prepared: PreparedServer
    child: Child

    @property
    def url(self) -> str:
        return self.prepared.url

    @property
    def admin_url(self) -> str:
        return self.prepared.admin_url

    def stop(self) -> None:
        stop_all([self.child])

    def start_again(self) -> None:
        """At the same address, with the same data, after it was stopped or killed."""
        self.stop()
        self.child = self.prepared.start()


def start_postgres(directory: Path, *, durable: bool = True) -> EmbeddedServer:
    """PostgreSQL 18 with its data in `directory`, on a free port of the loopback interface.

    Call it from a thread that lives as long as the server should: on Linux the server ends with it.
    Raises LaunchError when a server already runs on this directory, or does not start.
    """
    prepared = prepare_postgres(directory, durable=durable)
    return EmbeddedServer(prepared, prepared.start())


def start_redis(directory: Path, *, durable: bool = True) -> EmbeddedServer:
    """Redis with its files in `directory`, on a free port of the loopback interface.

    Threads and errors as for `start_postgres`.
    """
    prepared = prepare_redis(directory, durable=durable)
    return EmbeddedServer(prepared, prepared.start())
