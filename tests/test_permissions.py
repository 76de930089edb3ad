"""Every address against every kind of person, by the table in tests/permissions.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.conftest import Cast
from tests.permissions import EVERYBODY, ROUTES, Row
from tests.world import World, make_world  # noqa: F401  (a fixture)


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Full names of all routes; a route without a name is a defect of its own."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = ":".join(filter(None, [namespace, entry.namespace]))
            yield from routes(entry, inner)
        elif isinstance(entry, URLPattern):
            yield ":".join(filter(None, [namespace, entry.name or repr(entry.pattern)]))


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(routes(get_resolver())) == {name.split("#")[0] for name in ROUTES}


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_lets_in_whom_its_row_names_and_nobody_else(name: str, cast: Cast, world: World):
    row = ROUTES[name]
    address = reverse(name.split("#")[0], kwargs=world.arguments(row.about, row.extra))
    data = world.filled(row.data)
    expected = {person: _expected(row, person) for person in sorted(EVERYBODY)}
    seen = {
        person: _outcome(_ask(cast, person, row, address, data), expected[person])
        for person in expected
    }
    assert seen == expected
    assert _outcome(_ask(None, "", row, address, data), row.anonymous) == row.anonymous


def _expected(row: Row, person: str) -> str:
    if person in row.allowed:
        return "allowed"
    return "forbidden" if person in row.forbidden else "hidden"


def _ask(
    cast: Cast | None, person: str, row: Row, address: str, data: dict[str, Any]
) -> HttpResponseBase:
    """Ask, then undo whatever the answer changed: each person meets the same world."""
    client = Client(raise_request_exception=True)
    before = transaction.savepoint()
    if cast is not None:
        client.force_login(getattr(cast, person))
    is_json = row.json or (address.startswith("/api/") and row.method == "post")
    kind = {"content_type": "application/json"} if is_json else {}
    answer = getattr(client, row.method)(address, data, headers=row.headers, **kind)
    transaction.savepoint_rollback(before)
    return answer


def _outcome(response: Any, expected: str) -> str:
    status = response.status_code
    if status == 404:
        return "hidden"
    if status == 403:
        return "forbidden"
    if status == 401 or (status == 302 and "/account/login/?next=" in response["Location"]):
        return "login"
    answered = status < 400 or status in {400, 405, 409, 410, 422}
    if not answered:
        return f"failed with {status}"
    return "open" if expected == "open" else "allowed"
