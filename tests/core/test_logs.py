"""No line of any log says whose it was, whatever went wrong."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection
from django.test import RequestFactory

from telepath.core.errors import Conflict
from telepath.core.logs import Discreet, address, described, told

NAME, MRN = "Zephyrine Quillfeather", "ZQ-99-7731"
KEY = "01a213e6-6feb-7762-ab40-f3e9c0442130"


def line(message: str, *arguments: object, error: BaseException | None = None, **extra) -> str:
    """What the formatter makes of one call of a logger."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("test", logging.ERROR, "", 0, message, arguments, exc_info)
    for name, value in extra.items():
        setattr(record, name, value)
    return Discreet("%(levelname)s %(message)s").format(record)


def caught(raise_it) -> BaseException:
    try:
        raise_it()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (f"/patients/?q={NAME}", "/patients/"),
        (f"/patients/{KEY}/", f"/patients/{KEY}/"),
        (f"/api/v1/patients/{KEY}/", f"/api/v1/patients/{KEY}/"),
        (f"/api/v1/patients/{MRN}/", "/api/…/"),
        ("/people/12/", "/people/12/"),
        ("/invitation/MTAuMDFh/dim2gd-2814f3a8/", "/invitation/…/…/"),
        ("/account/password/reset/key/2-dim2gd-21d4/", "/account/password/reset/key/…-…/"),
        (f"/static/{NAME}.css", "/static/…"),
        (f"/{NAME}\nGET /faked 200", "(no such address)"),
        (f"/api/v1/{NAME}/", "/api/…/"),
    ],
)
def test_an_address_is_written_with_identifiers_and_without_words(path, written):
    assert address(path) == written


@pytest.mark.django_db
def test_a_doubled_value_is_written_by_its_rule_and_not_by_its_row(cast):
    twice = f"""INSERT INTO cases_patient (id, mrn, name) VALUES ('{KEY}', '{MRN}', '{NAME}')"""
    error = caught(lambda: connection.cursor().execute(twice))
    text = line("Internal Server Error: %s", f"/patients/?q={NAME}", error=error)
    assert "IntegrityError (23502 cases_patient" in text
    assert "tests/core/test_logs.py" in text
    assert NAME not in text
    assert MRN not in text


def test_no_exception_carries_its_words_into_a_log():
    def first():
        raise ValueError(f"“{NAME}” is not a valid UUID.")

    def second():
        try:
            first()
        except ValueError as fault:
            raise KeyError(NAME) from fault

    error = caught(second)
    text = line("unhandled: %s %r", error, repr(error), error=error)
    assert "ValueError\nwhich led to:" in text
    assert text.endswith("KeyError")
    assert "Quillfeather" not in text


def test_several_exceptions_at_once_keep_their_words_too():
    text = "\n".join(told(ExceptionGroup(NAME, [ValueError(NAME), OSError(28, "No space", NAME)])))
    assert text.endswith("OSError (28 No space)")
    assert "Quillfeather" not in text


def test_what_a_machine_says_of_itself_is_kept():
    assert described(ConnectionRefusedError(111, "Connection refused")).endswith(
        "(111 Connection refused)"
    )
    assert described(Conflict(f"{NAME} is there", code="twin")) == (
        "telepath.core.errors.Conflict (twin)"
    )
    unreachable = caught(
        lambda: psycopg.connect("postgresql://nobody@127.0.0.1:1/x", connect_timeout=1)
    )
    assert "port 1 failed: Connection refused" in described(unreachable)
    assert "has no attribute 'nme'" in described(caught(lambda: Path().nme))


def test_celery_writes_the_kind_of_a_failure_only():
    context = {"name": "t", "id": "1", "exc": f"IntegrityError('{NAME}')", "args": "()"}
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "", 0, "Task %(name)s[%(id)s]: %(exc)s", None, None
    )
    record.args = context
    assert Discreet().format(record) == "Task t[1]: IntegrityError"


def test_addresses_in_the_middle_of_a_message_lose_their_end():
    text = line(f"Referer https://x.example/invitation/MTAu/dim2gd/ fails; /queue/?q={MRN} too")
    assert text == "ERROR Referer https://x.example/… fails; /queue/?… too"


def test_a_message_about_a_request_names_its_id():
    request = RequestFactory().get("/patients/", {"q": NAME})
    request.request_id = "abc"
    text = line("%s: %s", "Internal Server Error", request.get_full_path(), request=request)
    assert text == "ERROR Internal Server Error: /patients/, request abc"


def test_every_logger_of_every_library_writes_through_the_one_formatter():
    assert isinstance(handlers_of("root")[0].formatter, Discreet)
    assert isinstance(handlers_of("multiprocessing")[0].formatter, Discreet)
    for name in ("django", "django.server", "uvicorn", "uvicorn.error", "uvicorn.access"):
        assert not handlers_of(name), name
    assert not logging.getLogger("uvicorn.access").propagate


def handlers_of(name: str) -> list[logging.Handler]:
    """Those that write somewhere: pytest puts listeners of its own beside them."""
    found = logging.getLogger(name).handlers
    return [one for one in found if not type(one).__module__.startswith("_pytest")]


@pytest.mark.parametrize("thread", [False, True], ids=["process", "thread"])
def test_an_exception_that_ends_a_process_or_a_thread_is_discreet_as_well(thread):
    die = f"raise ValueError({NAME!r})"
    program = f"import django; django.setup()\ndef die(): {die}\n"
    ending = "import threading; t = threading.Thread(target=die); t.start(); t.join()"
    done = subprocess.run(
        [sys.executable, "-c", program + (ending if thread else "die()")],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "telepath.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ended by an exception" in done.stderr
    assert "ValueError" in done.stderr
    assert "Quillfeather" not in done.stderr


def test_an_unhandled_error_of_a_task_of_asyncio_says_nothing_either():
    error = IntegrityError(f"Key (mrn)=({MRN}) already exists.")
    text = line(f"Task exception was never retrieved\nfuture: <Task {error!r}>", error=error)
    assert MRN not in text
