"""The database: how it is reached, and how long each kind of process waits for it, and it for them.

Limits in seconds, 0 for none; what starts a process sets them (`telepath/launcher/processes.py`,
`docker-compose.yml`). Commands, such as `migrate`, have none: one statement may take its hour.
"""

from __future__ import annotations

from telepath.core.patience import ImpatientConnection
from telepath.settings.environment import env, server

# A server that is gone is noticed within about half a minute, by the line alone.
_LINE = {
    "connect_timeout": 3,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _pool(size: int) -> dict[str, object]:
    """A connection pool for the web process (many threads); workers, which fork, go without (0).

    People wait there, so it waits for nothing: 3 s for a connection, 10 s for an answer. The pool
    gives up connecting after 5 s because it would try ever more rarely; the next request asks anew.
    """
    if not size:
        return {}
    patience = {"timeout": 3, "reconnect_timeout": 5, "connection_class": ImpatientConnection}
    return {"pool": {"min_size": 1, "max_size": size, **patience}}


def _limits(given: str) -> dict[str, str]:
    """What the server is told at the start of each connection, beside what the address says.

    Statement: whoever asked has gone by then. Idle in a transaction: a process that hangs in the
    middle of one holds its locks for ever otherwise, and the case that it had in hand is stuck.
    """
    limits = {
        "statement_timeout": env.int("DATABASE_STATEMENT_SECONDS", default=0),
        "idle_in_transaction_session_timeout": env.int("DATABASE_IDLE_SECONDS", default=0),
    }
    asked = [f"-c {name}={1000 * seconds}" for name, seconds in limits.items() if seconds]
    return {"options": " ".join([given, *asked]).strip()} if asked else {}


_database = env.db_url_config(
    server("DATABASE_URL", placeholder="postgres://nobody@127.0.0.1:1/start-with-make-run")
)
_given = _database.get("OPTIONS", {})  # such as ?sslmode=verify-full
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a pool must notice that the server was restarted
        "OPTIONS": {
            **_LINE,
            **_pool(env.int("DATABASE_POOL", default=0)),
            **_given,
            **_limits(_given.get("options", "")),
        },
    }
}
