"""What a log may say: what happened where, never whose it was.

Every line of every process of ours passes `Discreet`. It does not look for names, which nobody can
recognise; it lets through only what cannot be one: addresses without what people typed into them,
and of exceptions their kind, their place in the code, and what a machine says of itself.
"""

from __future__ import annotations

import copy
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from uuid import UUID

import kombu.exceptions
import psycopg
import redis.exceptions
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as StoreError
from celery.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from telepath.core.errors import DomainError, WorkError

LEFT_OUT = "…"
_WHOLE_ADDRESS = re.compile(r"(\w+://[^/\s\"'<>]+)/[^\s\"'<>]*")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")

SPEAKS_OF_MACHINES = (
    *(AttributeError, ImportError, NameError, MemoryError, RecursionError, ImproperlyConfigured),
    *(redis.exceptions.ConnectionError, redis.exceptions.TimeoutError),
    *(kombu.exceptions.OperationalError, BotoCoreError, StoreError),
    *(SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError),
)
"""Exceptions whose own text holds nothing that a person typed: it is written whole."""


class Discreet(logging.Formatter):
    """Writes a record without what people typed, searched for or were sent."""

    def format(self, record: logging.LogRecord) -> str:
        discreet = copy.copy(record)
        discreet.exc_text = None  # another handler may have kept its own
        discreet.args = _discreet_arguments(record.args)
        return super().format(discreet)

    def formatMessage(self, record: logging.LogRecord) -> str:
        for words in _words_of(record):
            record.message = record.message.replace(words, LEFT_OUT)
        text = _WHOLE_ADDRESS.sub(rf"\1/{LEFT_OUT}", super().formatMessage(record))
        text = _QUERY.sub(f"?{LEFT_OUT}", text)
        request_id = getattr(getattr(record, "request", None), "request_id", "")
        return f"{text}, request {request_id}" if request_id else text

    def formatException(self, ei: Any) -> str:
        return "\n".join(told(ei[1], ei[2]))


def address(path: str) -> str:
    """An address with the identifiers in it, and nothing else that came from outside.

    What is neither a number nor a UUID may be a token or a name. An address that does not exist is
    all somebody's own words.
    """
    path = path.partition("?")[0]
    if path.startswith(settings.STATIC_URL):
        return f"{settings.STATIC_URL}{LEFT_OUT}"
    try:
        match = resolve(path)
    except Resolver404:
        return "(no such address)"
    given = (*match.kwargs.values(), *match.args)
    words = [str(value) for value in given if not _is_identifier(value)]
    longest_first = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.sub(longest_first, LEFT_OUT, path) if words else path


def described(error: BaseException) -> str:
    """The kind of an exception, and of its words those that are about machines or our code."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    facts = " ".join(str(fact) for fact in _facts(error) if fact)
    return f"{kind} ({facts})" if facts else kind


def told(error: BaseException | None, place: TracebackType | None = None) -> Iterator[str]:
    """A traceback in lines, causes first; each exception as `described`."""
    if error is None:
        return
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from told(cause)
        yield "which led to:"
    yield "Traceback (most recent call last):"
    for frame in traceback.format_tb(place or error.__traceback__):
        yield frame.rstrip("\n")
    yield described(error)
    for inner in getattr(error, "exceptions", ()):
        yield from told(inner)


def die_discreetly() -> None:
    """Let an exception that nobody caught, in any thread, be written as every other one is."""
    logger = logging.getLogger(__name__)

    def tell(kind: Any, error: Any, place: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, place)
        else:
            logger.critical("ended by an exception", exc_info=(kind, error, place))

    sys.excepthook = tell
    threading.excepthook = lambda what: tell(what.exc_type, what.exc_value, what.exc_traceback)


def _discreet_arguments(arguments: Any) -> Any:
    if isinstance(arguments, Mapping):
        return {name: _discreet(value, str(name)) for name, value in arguments.items()}
    return tuple(map(_discreet, arguments)) if isinstance(arguments, tuple) else arguments


def _discreet(value: Any, name: str = "") -> Any:
    if isinstance(value, BaseException):
        return described(value)
    if isinstance(value, str) and value.startswith("/"):
        return address(value)
    if isinstance(value, str) and name == "exc":  # Celery gives the representation
        return value.partition("(")[0]
    return value


def _words_of(record: logging.LogRecord) -> Iterator[str]:
    """What the exceptions of a record say, should its message repeat them."""
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        if not isinstance(error, SPEAKS_OF_MACHINES):
            yield from (words for words in (repr(error), str(error)) if len(words) > len(LEFT_OUT))
        error = error.__cause__ or error.__context__


def _facts(error: BaseException) -> Iterator[Any]:
    source = error.__cause__ if isinstance(error, DatabaseError) else error
    if isinstance(source, psycopg.Error) and source.sqlstate:
        yield from (source.sqlstate, source.diag.constraint_name)
        yield from (source.diag.table_name, source.diag.column_name)
    elif isinstance(source, (psycopg.OperationalError, *SPEAKS_OF_MACHINES)):
        yield " ".join(str(source).split())
    elif isinstance(source, OSError):
        yield from (source.errno, source.strerror if source.errno else "")
    elif isinstance(source, DomainError | WorkError):
        yield source.code


def _is_identifier(value: object) -> bool:
    if isinstance(value, int | UUID):
        return True
    try:
        return str(UUID(str(value))) == value
    except ValueError:
        return False
