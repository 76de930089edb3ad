"""The API does what its schema says, for everybody: thousands of requests made from the schema.

schemathesis asks every operation for what it should take and for what it should not, and compares
each answer with what the schema names: status, type, headers, body. A finding is a defect of the
API or a gap of the schema; none is filtered.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connections
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from accounts.actors import actor_of_user
from accounts.choices import TokenScope
from accounts.services.tokens import token_create
from tests.conftest import Cast
from tests.world import World, make_world  # noqa: F401  (a fixture)

ROOT, HOOKS = Path(__file__).resolve().parents[2], "tests.adversary.api_hooks"
PEOPLE = (
    *("submitter", "first_reader", "administrator", "laboratory_administrator"),
    *("site_administrator", "outsider", "outside_reader"),
)
TOKENS = ("cases:read", "cases:write", "cases:read cases:write")
EVERY_BORDER = frozenset({"submitter", "first_reader", "administrator", "cases:write"})
"""Who tries every border of every value: a thousand and more requests each, a minute of a core."""
DEEPLY = bool(os.environ.get("SCHEMATHESIS_DEEPLY"))
"""Set by hand: everybody does, and ten times as many requests are made by chance."""

ABOUT = {
    "patients": "patient",
    "cases": "case",
    "images": "image",
    "cells": "cell",
    "uploads": "upload",
    "models": "model",
    "organisations": "clinic",
}
"""Of which row of the world the addresses below a name are."""


@pytest.fixture
def site(live_server: Any, transactional_db: None, monkeypatch: Any) -> Iterator[str]:
    """A server whose threads keep their connection: to make one costs more than an answer.

    It sends head and body of an answer apart, which the network then holds back for 40 ms each.
    """
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 60)
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    yield live_server.url


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ["anonymous", *PEOPLE, *TOKENS])
def test_every_answer_is_one_that_the_schema_names(
    site: str, cast: Cast, world: World, who: str, tmp_path: Path
):
    config = tmp_path / "schemathesis.toml"
    config.write_text(configuration(world))
    done = schemathesis(site, config, headers_of(who, cast), options(who))
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert int(re.findall(r"(\d+) generated", done.stdout)[0]) > 80


def headers_of(who: str, cast: Cast) -> dict[str, str]:
    """How somebody says who asks."""
    if who == "anonymous":
        return {}
    if who in TOKENS:
        _, secret = token_create(
            actor=actor_of_user(cast.administrator),
            organisation=cast.clinic,
            name="schemathesis",
            scopes=[TokenScope(scope) for scope in who.split()],
            lifetime=timedelta(hours=1),
        )
        return {"Authorization": f"Bearer {secret}"}
    client, csrf = Client(), _get_new_csrf_string()
    client.force_login(getattr(cast, who))
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={csrf}"
    return {"Cookie": cookies, "X-CSRFToken": csrf}


def options(who: str) -> list[str]:
    deep = DEEPLY or who in EVERY_BORDER
    chosen = ["--phases", "examples,coverage,fuzzing" if deep else "examples,fuzzing"]
    chosen += ["--max-examples", "20" if DEEPLY else "2"]
    # It cannot take a session away to see whether it is needed; anonymous asks that.
    return [*chosen, "--exclude-checks", "ignored_auth"] if who in PEOPLE else chosen


def configuration(world: World) -> str:
    """Most addresses lead to rows that exist: what is not there is soon refused."""
    parts = []
    for name, about in ABOUT.items():
        use = f'{{dictionary = "{name}", probability = 0.8}}'
        parts.append(f'[dictionaries.{name}]\nvalues = ["{world.rows[about].pk}"]')
        parts.append(
            f'[[operations]]\ninclude-path-regex = "^/api/v1/{name}/[{{]"\n'
            f'parameters = {{"path.id" = {use}, "path.pk" = {use}}}'
        )
    return "\n".join([*RULES, *sorted(parts)])


RULES = (
    "[generation]",
    "with-security-parameters = false",  # who asks is said by the role's own headers alone
    # tus asks for 412 where its version is another, or is not said.
    "[checks.negative_data_rejection]",
    'expected-statuses = ["400", "401", "403", "404", "406", "409", "412", "413", "415", "422"]',
    "[checks.missing_required_header]",
    'expected-statuses = ["400", "401", "403", "412", "422"]',
    "[checks.positive_data_acceptance]",
    # Rules that no schema can say: a wrong password, a reader who does not read for this clinic.
    'expected-statuses = ["2xx", "401", "403", "404", "409", "422"]',
)


def schemathesis(
    site: str, config: Path, headers: dict[str, str], options: list[str]
) -> subprocess.CompletedProcess[str]:
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    return subprocess.run(
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(config)),
            *("run", f"{site}/api/schema/", "--seed", "1", "--no-shrink", "--continue-on-failure"),
            *(*options, *words),
        ],
        cwd=config.parent,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.adversary.api_hooks",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
