"""Redis, Celery, Channels, the API, the models."""

from __future__ import annotations

from celery.schedules import schedule

from telepath.settings.environment import ROOT, VAR, env, minutes_by_priority, server

REDIS_URL = server("REDIS_URL", placeholder="redis://127.0.0.1:1/0")

CACHE_URL = env.str("CACHE_URL", default="") or REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "telepath.core.cache.ForgetfulRedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": env.str("REDIS_PREFIX", default="telepath")},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_TASK_ROUTES = ("telepath.core.tasks.route",)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a worker that gave up would be missed
# Each task is safe to run twice, so work under way need not be thrown away when Redis blinks.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
LONGEST_TASK_SECONDS = 30 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(1.1 * LONGEST_TASK_SECONDS),
    "global_keyprefix": env.str("REDIS_PREFIX", default="telepath") + ":",
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
WORKER_STALL_SECONDS = env.int("WORKER_STALL_SECONDS", default=60)
ANALYSIS_PATIENCE_MINUTES = env.int("ANALYSIS_PATIENCE_MINUTES", default=60)
TARGET_HOURS = {
    "critical": env.int("TARGET_HOURS_CRITICAL", default=4),
    "urgent": env.int("TARGET_HOURS_URGENT", default=24),
    "routine": env.int("TARGET_HOURS_ROUTINE", default=72),
}
"""From submission to signature, by priority: shown in the queue, where what is late is said so."""
EVENTS_KEEP_DAYS = env.int("EVENTS_KEEP_DAYS", default=30)
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)


def _every(seconds: int, task: str) -> dict[str, object]:
    """A beat that expires when the next is due, so none pile up while no worker listens."""
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "sweep-runs": _every(SWEEP_SECONDS, "inference.tasks.sweep_runs"),
    "sweep-images": _every(SWEEP_SECONDS, "cases.tasks.sweep_images"),
    "sweep-uploads": _every(3600, "cases.tasks.sweep_uploads"),
    "sweep-cases": _every(60, "cases.tasks.sweep_cases"),
    "sweep-events": _every(24 * 3600, "cases.tasks.sweep_events"),
    "anchor-audit": _every(3600, "accounts.tasks.anchor_audit"),
    "sweep-critical": _every(SWEEP_SECONDS, "cases.tasks.sweep_critical"),
    "sweep-notices": _every(SWEEP_SECONDS, "cases.tasks.sweep_notices"),
    "sweep-typed": _every(24 * 3600, "accounts.tasks.sweep_typed"),
    "sweep-reports": _every(60, "cases.tasks.sweep_reports"),
}

MODEL_PACKAGES = env.str("MODEL_PACKAGES", default=str(ROOT / "inference" / "packages"))
MODEL_EXPORTS = env.str("MODEL_EXPORTS", default=str(VAR / "exports"))
MODEL_VERIFIER = env.str("MODEL_VERIFIER", default="inference.services.verification.verify")
ANALYSER_LOADER = env.str("ANALYSER_LOADER", default="inference.services.analysers.load_package")
RUN_LEASE_SECONDS = env.int("RUN_LEASE_SECONDS", default=30)
RUN_MAX_ATTEMPTS = env.int("RUN_MAX_ATTEMPTS", default=3)
RUN_RETRY_SECONDS = env.int("RUN_RETRY_SECONDS", default=15)
RUN_BATCH = env.int("RUN_BATCH", default=8)
SHADOW_QUEUE = env.int("SHADOW_QUEUE", default=50)

CRITICAL_CONCLUSIONS = frozenset(env.list("CRITICAL_CONCLUSIONS", default=["suspected_all"]))
"""Conclusions of a signed report that the clinic must acknowledge; checked when `cases` starts."""
CRITICAL_MINUTES = minutes_by_priority("CRITICAL_MINUTES", default="60,30,15")
"""How long a critical result waits before the next step: of a routine, urgent, critical case."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": ["telepath.api.parsers.JsonParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "telepath.api.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "telepath.api.schema.Schema",
    "EXCEPTION_HANDLER": "telepath.api.problems.handle",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Telepath",
    "VERSION": "1",
    "DESCRIPTION": "Submit cases and smear fields, follow the analysis, read signed reports.",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # what may be read empty must not be sent so
    "ENUM_NAME_OVERRIDES": {
        "CaseStatus": "cases.choices.CaseStatus",
        "ImageStatus": "cases.choices.ImageStatus",
        "ReportStatus": "cases.choices.ReportStatus",
        "CellClass": "inference.choices.CellClass",
        "ModelStatus": "inference.choices.ModelStatus",
    },
}
