"""0.1.0's database, brought to today once for all tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from tests.upgrade.make_0_1_0 import DUMP

_NAME = "telepath_of_0_1_0"
Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """before: rows of every table that 0.1.0 promised never to change, as it left them."""

    before: Rows


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Upgraded]:
    """The connection leads to a database of its own, filled by 0.1.0 and migrated by today."""
    usual = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        _make(usual)
        _turn_to(_NAME)
        try:
            before = rows_now()
            call_command("migrate", interactive=False, verbosity=0)
            yield Upgraded(before)
        finally:
            _turn_to(usual)
            _administer(usual, f"DROP DATABASE {_NAME} WITH (FORCE)")


def rows_now() -> Rows:
    """Append-only tables as they are now, each row by its key."""
    found = {}
    with connection.cursor() as cursor:
        for table in frozen_tables():
            cursor.execute(f"SELECT to_jsonb(one) FROM {table} AS one ORDER BY id")
            found[table] = [json.loads(row) for (row,) in cursor.fetchall()]
    return found


def frozen_tables() -> list[str]:
    """Tables with a trigger against changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
            " WHERE action_statement LIKE '%refuse_%' ORDER BY 1"
        )
        return [table for (table,) in cursor.fetchall()]


def _make(usual: str) -> None:
    _administer(usual, f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)", f"CREATE DATABASE {_NAME}")
    with _connect(_NAME) as fresh:
        fresh.execute(DUMP.read_bytes())


def _administer(usual: str, *statements: str) -> None:
    with _connect(usual) as beside:
        for statement in statements:
            beside.execute(statement.encode())


def _connect(name: str) -> psycopg.Connection:
    asked = connection.get_connection_params() | {"dbname": name}
    wanted = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{key: asked[key] for key in wanted if key in asked}, autocommit=True)


def _turn_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
