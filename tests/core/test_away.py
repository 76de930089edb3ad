"""Whatever is away for a moment is a quick 503 with a time to come back, in the asker's form."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from telepath.core.errors import RetryLater
from telepath.core.patience import ImpatientConnection

DATABASE_FULL = OperationalError("could not extend file")
DATABASE_FULL.__cause__ = psycopg.errors.DiskFull()
FAULTS = {
    "database_away": OperationalError("the connection is closed"),
    "storage_full": OSError(errno.ENOSPC, "No space left on device"),
    "storage_away": RetryLater("The file store does not answer.", code="storage_away"),
}


@pytest.fixture
def asker(monkeypatch: Any) -> Iterator[Any]:
    """Ask an address while a view or a middleware meets a fault."""

    def ask(address: str, fault: Exception, *, where: str, **how: Any) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise fault

        monkeypatch.setattr(where, fail)
        client = Client(raise_request_exception=False)
        return client.post(address, **how) if how.pop("post", False) else client.get(address, **how)

    return ask


IN_A_VIEW = "telepath.health._outcome"
IN_A_MIDDLEWARE = "accounts.middleware.IdleLogoffMiddleware.__call__"


@pytest.mark.parametrize("where", [IN_A_VIEW, IN_A_MIDDLEWARE])
@pytest.mark.parametrize("code", FAULTS)
def test_a_person_gets_a_page_that_needs_no_database(asker, where, code):
    answer = asker("/healthz/ready", FAULTS[code], where=where, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) <= 10
    assert "Not available at this moment" in answer.content.decode()


@pytest.mark.parametrize("code", FAULTS)
def test_a_program_gets_a_problem(asker, code):
    answer = asker("/api/v1/me/", FAULTS[code], where=IN_A_MIDDLEWARE)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) <= 10


@pytest.mark.parametrize("code", FAULTS)
def test_so_does_one_whose_fault_is_met_in_the_api_itself(asker, code):
    where = "telepath.api.nothing.NothingHere.initial"
    answer = asker("/api/v1/nothing/", FAULTS[code], where=where)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer["Retry-After"]) <= 10


def test_who_sent_something_hears_that_it_is_still_in_the_browser(asker):
    fault = FAULTS["database_away"]
    answer = asker("/account/login/", fault, where=IN_A_MIDDLEWARE, post=True)
    assert "still in your browser" in answer.content.decode()


def test_a_database_without_room_is_not_said_to_be_silent(asker):
    answer = asker("/api/v1/me/", DATABASE_FULL, where=IN_A_MIDDLEWARE)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")


def test_a_defect_stays_a_defect(asker):
    answer = asker("/api/v1/me/", ValueError("secret"), where=IN_A_MIDDLEWARE)
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_a_server_that_says_nothing_is_left(settings, monkeypatch):
    monkeypatch.setattr(ImpatientConnection, "patience", 0.2)
    at = settings.DATABASES["default"]
    line = ImpatientConnection.connect(
        host=at["HOST"],
        port=at["PORT"],
        user=at["USER"],
        password=at["PASSWORD"],
        dbname=at["NAME"],
    )
    assert line.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match=r"said nothing for 0\.2 s"):
        line.execute("SELECT pg_sleep(30)")
    assert line.closed
