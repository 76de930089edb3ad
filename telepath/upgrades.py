"""From one version to the next: the database goes forward with the program, and never back."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.db import connection, connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

OURS = frozenset({"core", "accounts", "inference", "cases"})
_LOG = "accounts_auditevent"
_found_current: set[str] = set()


def is_current() -> bool:
    """Whether the database has every migration of this program. Asked until it is, then known."""
    name = connection.settings_dict["NAME"]
    if name not in _found_current:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _found_current.add(name)
    return True


def refuse_going_back(*, plan: list[tuple[Migration, bool]], using: str, **signal: Any) -> None:
    """Hears `pre_migrate`. Raises CommandError rather than drop what people did since an upgrade.

    An empty database, which nobody worked with, may go where a developer likes.
    """
    undone = [one for one, is_backwards in plan if is_backwards and one.app_label in OURS]
    if undone and _was_worked_with(using):
        raise CommandError(
            f"Migrating back would undo {undone[0]} and throw away what people did since, so it is "
            "refused; nothing was changed. To return to an older version, restore the backup that "
            "was taken before the upgrade and start the older program on it (docs/operations.md)."
        )


def _was_worked_with(using: str) -> bool:
    where = connections[using]
    with where.cursor() as cursor:
        if _LOG not in where.introspection.table_names(cursor):
            return False
        cursor.execute(f"SELECT EXISTS (SELECT FROM {_LOG})")
        return bool(cursor.fetchone()[0])
