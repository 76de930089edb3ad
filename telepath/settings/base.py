"""Django itself: apps, middleware, templates, languages."""

from __future__ import annotations

import tomllib
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.http.request import validate_host

from telepath.settings.environment import (
    ENVIRONMENT,
    PRODUCTION,
    ROOT,
    env,
    flag,
    needed_in_production,
    one_of,
    proxies,
    refuse_in_production,
    secret,
)

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
"""Of this program. It stands in pyproject.toml and nowhere else."""

SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
AUDIT_ANCHOR_KEY = env.str("AUDIT_ANCHOR_KEY", default=SECRET_KEY)
DEBUG = flag("DEBUG", default=False)
refuse_in_production("DEBUG=true", DEBUG, why="It shows settings and patients to anybody.")
ALLOWED_HOSTS = needed_in_production(
    "ALLOWED_HOSTS",
    elsewhere="localhost,127.0.0.1,[::1],testserver",
    why="Name the hosts that this site answers to, separated by commas.",
).split(",")
refuse_in_production(
    "ALLOWED_HOSTS=*", "*" in ALLOWED_HOSTS, why="Name the hosts; links would follow any other."
)
SITE_URL = needed_in_production(
    "SITE_URL",
    elsewhere="http://127.0.0.1:8000",
    why="Links in e-mails and on reports begin with it.",
).rstrip("/")
refuse_in_production(
    "A SITE_URL without https",
    not SITE_URL.startswith("https://"),
    why="Cookies travel over TLS only, so nobody could sign in.",
)
refuse_in_production(
    "A SITE_URL outside of ALLOWED_HOSTS",
    not validate_host(urlsplit(SITE_URL).hostname or "", ALLOWED_HOSTS),
    why="Every link in a mail would be refused.",
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TELEPATH_ENVIRONMENT = ENVIRONMENT

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "storages",
    "telepath",
    "telepath.core",
    "accounts",
    "inference",
    "inference.lab",
    "cases",
    "benchmarks",
]

MIDDLEWARE = [
    "telepath.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "accounts.middleware.IdleLogoffMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "telepath.core.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "telepath.urls"
ASGI_APPLICATION = "telepath.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accounts.templatetags.sending"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "telepath.context.site",
            ],
        },
    }
]


DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
NODE_MODULES = ROOT / "node_modules"
STATICFILES_DIRS = [
    ROOT / "static",
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/openseadragon", NODE_MODULES / "openseadragon" / "build" / "openseadragon"),
    ("vendor/tus", NODE_MODULES / "tus-js-client" / "dist"),
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
# Whether every subdomain of a hospital speaks TLS is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=PRODUCTION)
# No SECURE_PROXY_SSL_HEADER, which believes whoever sends it. uvicorn believes what these proxies
# say of scheme and client, and nobody else; so it reaches Django as a fact, or not at all.
FORWARDED_ALLOW_IPS = proxies("FORWARDED_ALLOW_IPS", default="127.0.0.1")

LOG_LEVEL = one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
refuse_in_production(
    "LOG_LEVEL=DEBUG", LOG_LEVEL == "DEBUG", why="Libraries then write what people send."
)
_THROUGH_OURS: dict[str, object] = {"handlers": [], "propagate": True}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "telepath.core.logs.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "pyvips": {"level": "WARNING"},  # says "threadpool completed" for every picture
        # These bring handlers of their own, which write addresses and exceptions as they are.
        "django": _THROUGH_OURS,
        "django.server": _THROUGH_OURS,
        "django.request": {"level": "ERROR"},  # what was merely refused stands in the web log
        "uvicorn": _THROUGH_OURS,
        "uvicorn.error": {**_THROUGH_OURS, "level": "WARNING"},
        "uvicorn.access": {"handlers": [], "propagate": False},  # telepath.core.access instead
        "multiprocessing": {"handlers": ["console"], "propagate": False},  # billiard's, of Celery
    },
}
"""One handler with one formatter for all processes; with DEBUG exceptions keep their words."""
