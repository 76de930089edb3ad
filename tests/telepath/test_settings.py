"""Settings refuse what is odd, in a sentence."""

import os
import secrets
import subprocess
import sys

import pytest

from telepath.settings.environment import _is_guessable

PRODUCTION = {
    "TELEPATH_ENV": "production",
    "SECRET_KEY": "a-long-random-value-for-this-test-0123456789abcdef",
    "DATABASE_URL": "postgres://somebody@db.example/telepath",
    "REDIS_URL": "redis://redis.example/0",
    "EMAIL_URL": "smtp://mail.example:25",
    "ALLOWED_HOSTS": "telepath.example",
    "SITE_URL": "https://telepath.example",
}


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Import the settings, or run a management command with them."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *(command or ("-c", "import telepath.settings"))],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_complete_production_environment_starts():
    outcome = start(PRODUCTION)
    assert outcome.returncode == 0, outcome.stderr


def test_the_environment_of_production_passes_djangos_own_check():
    outcome = start(PRODUCTION, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert outcome.returncode == 0, outcome.stderr


def test_in_production_cookies_travel_over_tls_only():
    read = (
        "from telepath import settings as s;"
        "assert s.SESSION_COOKIE_SECURE and s.SESSION_COOKIE_HTTPONLY and s.CSRF_COOKIE_SECURE;"
        "assert s.SECURE_HSTS_SECONDS and s.SECURE_SSL_REDIRECT"
    )
    outcome = start(PRODUCTION, "-c", read)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL"]
)
def test_production_without_a_necessary_value_names_it(name):
    outcome = start({key: value for key, value in PRODUCTION.items() if key != name})
    assert outcome.returncode != 0
    assert f"{name} is not set" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("TELEPATH_ENV", "prodution"), ("STORAGE", "floppy"), ("DEBUG", "perhaps")]
)
def test_an_unknown_value_is_refused(name, value):
    outcome = start({**PRODUCTION, name: value})
    assert outcome.returncode != 0
    assert name in outcome.stderr


PUBLISHED = "only-for-production-secret_key-" + "0123456789abcdef" * 3


@pytest.mark.parametrize(
    "key",
    ["a", "a" * 80, "password" * 10, "0123456789" * 6, PUBLISHED, "django-insecure-" + "x" * 50],
)
def test_production_refuses_a_key_that_can_be_guessed(key):
    outcome = start({**PRODUCTION, "SECRET_KEY": key})
    assert "SECRET_KEY can be guessed" in outcome.stderr


def test_every_key_made_by_chance_is_good_enough():
    for make in (lambda: secrets.token_urlsafe(50), lambda: secrets.token_hex(32)):
        assert not any(_is_guessable(make()) for _ in range(2000))


@pytest.mark.parametrize(
    ("name", "value"), [("DEBUG", "true"), ("ALLOWED_HOSTS", "*"), ("ALLOWED_HOSTS", "a.example,*")]
)
def test_production_refuses_what_is_for_development(name, value):
    outcome = start({**PRODUCTION, name: value})
    assert outcome.returncode != 0
    assert name in outcome.stderr
    assert "not for production" in outcome.stderr


@pytest.mark.parametrize("value", ["*", "10.0.0.1,*", "0.0.0.0/0", "::/0", "10.0.0.0/0"])
def test_no_start_believes_everybody_about_tls_and_addresses(value):
    for environment in (PRODUCTION, {"TELEPATH_ENV": "development"}):
        outcome = start({**environment, "FORWARDED_ALLOW_IPS": value})
        assert outcome.returncode != 0
        assert "Name the addresses of your proxies" in outcome.stderr


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0", "10.0.0.1;10.0.0.2", "fe80::/200"])
def test_a_proxy_that_is_no_address_is_refused_and_not_forgotten(value):
    outcome = start({**PRODUCTION, "FORWARDED_ALLOW_IPS": value})
    assert outcome.returncode != 0
    assert "is no address and no network of a proxy" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SITE_URL", "http://telepath.example", "nobody could sign in"),
        ("SITE_URL", "https://other.example", "Every link in a mail would be refused"),
        ("LOG_LEVEL", "DEBUG", "Libraries then write what people send"),
    ],
)
def test_production_refuses_settings_that_contradict_each_other(name, value, says):
    outcome = start({**PRODUCTION, name: value})
    assert outcome.returncode != 0
    assert says in outcome.stderr


def test_production_takes_no_header_for_a_proof_of_tls():
    question = "from telepath import settings; print(hasattr(settings, 'SECURE_PROXY_SSL_HEADER'))"
    assert start(PRODUCTION, "-c", question).stdout.strip() == "False"


def test_s3_without_a_bucket_names_the_bucket():
    outcome = start({**PRODUCTION, "STORAGE": "s3"})
    assert "S3_BUCKET is not set" in outcome.stderr
