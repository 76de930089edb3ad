"""Reading the environment, refusing what is odd."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent

env = environ.Env()


def one_of(name: str, allowed: Sequence[str], *, default: str) -> str:
    """A variable with a fixed set of values. Raises ImproperlyConfigured naming them."""
    value: str = env.str(name, default=default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is '{value}'. It must be one of: {', '.join(allowed)}.")
    return value


def required(name: str, *, why: str) -> str:
    """A variable without which the start makes no sense."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value


def _read_servers_file(path: Path) -> None:
    """Take over the addresses that a running `make run` wrote, so `manage.py` meets its servers."""
    if path.is_file():
        environ.Env.read_env(path)


ENVIRONMENT = one_of("TELEPATH_ENV", ("development", "test", "production"), default="development")
PRODUCTION = ENVIRONMENT == "production"
VAR = Path(env.str("TELEPATH_VAR", default=str(ROOT / "var")))
if ENVIRONMENT == "development":
    _read_servers_file(VAR / "servers.env")


def needed_in_production(name: str, *, elsewhere: str, why: str) -> str:
    """A value that production must be given, and that has a harmless stand-in elsewhere."""
    return required(name, why=why) if PRODUCTION else env.str(name, default=elsewhere)


def flag(name: str, *, default: bool) -> bool:
    """A yes or no, spelled in one of the usual ways; anything else is refused."""
    spelled = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    value = env.str(name, default=str(default)).lower()
    if value not in spelled:
        raise ImproperlyConfigured(f"{name} is '{value}'. It must be true or false.")
    return spelled[value]


def proxies(name: str, *, default: str) -> list[str]:
    """Addresses and networks of proxies, separated by commas; an empty value means none.

    uvicorn reads the same variable, and would take a misspelled one for a name that never occurs,
    and "*" for everybody. Raises ImproperlyConfigured for both.
    """
    given = env.str(name, default=default)
    words = [word for word in map(str.strip, given.split(",")) if word]
    if any(_is_everybody(word) for word in words):
        raise ImproperlyConfigured(
            f"{name} is '{given}', so anybody could say who she is and that she came over TLS. "
            "Name the addresses of your proxies, separated by commas."
        )
    return words


def _is_everybody(word: str) -> bool:
    try:
        return word == "*" or ip_network(word, strict=False).prefixlen == 0
    except ValueError as fault:
        raise ImproperlyConfigured(f"'{word}' is no address and no network of a proxy.") from fault


def minutes_by_priority(name: str, *, default: str) -> tuple[int, int, int]:
    """Three whole numbers of minutes, "routine,urgent,critical". Raises ImproperlyConfigured."""
    value = env.str(name, default=default)
    parts = [part.strip() for part in value.split(",")]
    if len(parts) != 3 or not all(part.isdecimal() and int(part) for part in parts):
        raise ImproperlyConfigured(
            f"{name} is '{value}'. It must be three numbers of minutes, for routine, urgent and "
            f"critical cases, such as {default}."
        )
    routine, urgent, critical = map(int, parts)
    return routine, urgent, critical


def server(name: str, *, placeholder: str) -> str:
    """The address of a server: required in production; elsewhere `make run` and `make test` set it.

    The placeholder lets commands that need no server start without one; any use of it is refused at
    once by the operating system, and its name says what to do.
    """
    return needed_in_production(
        name, elsewhere=placeholder, why="Production needs a server of its own."
    )


STAND_IN = "only-for-"
SECRET_CHARACTERS, SECRET_BYTES = 50, 45
"""Of a secret: its least length, and the least that a packer still needs for it."""


def secret(name: str) -> str:
    """A secret: required in production and hard to guess there, fixed and harmless elsewhere."""
    stand_in = f"{STAND_IN}{ENVIRONMENT}-{name.lower()}-" + "0123456789abcdef" * 3
    value = needed_in_production(
        name, elsewhere=stand_in, why="Production needs a long random value of its own."
    )
    if PRODUCTION and _is_guessable(value):
        raise ImproperlyConfigured(
            f"{name} can be guessed. Production needs {SECRET_CHARACTERS} or more random "
            "characters: `python -c 'import secrets; print(secrets.token_urlsafe(50))'` prints one."
        )
    return value


def _is_guessable(value: str) -> bool:
    is_short = len(value) < SECRET_CHARACTERS
    repeats_itself = len(zlib.compress(value.encode(), 9)) < SECRET_BYTES
    return is_short or repeats_itself or value.startswith((STAND_IN, "django-insecure-"))


def refuse_in_production(name: str, is_odd: bool, *, why: str) -> None:
    """Raises ImproperlyConfigured for a value that is meant for development only."""
    if PRODUCTION and is_odd:
        raise ImproperlyConfigured(f"{name} is not for production. {why}")
