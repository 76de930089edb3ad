"""Redis, Celery, Channels, the API, the models."""

from __future__ import annotations

from celery.schedules import schedule

from telepath.settings.environment import ROOT, env, server

REDIS_URL = server("REDIS_URL", placeholder="redis://127.0.0.1:1/0")

CACHE_URL = env.str("CACHE_URL", default="") or REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
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
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
LONGEST_TASK_SECONDS = 30 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(1.1 * LONGEST_TASK_SECONDS),
    "global_keyprefix": env.str("REDIS_PREFIX", default="telepath") + ":",
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "inference.tasks.sweep_runs", "schedule": schedule(SWEEP_SECONDS)},
    "sweep-images": {"task": "cases.tasks.sweep_images", "schedule": schedule(SWEEP_SECONDS)},
    "sweep-uploads": {"task": "cases.tasks.sweep_uploads", "schedule": schedule(3600)},
    "sweep-reports": {"task": "cases.tasks.sweep_reports", "schedule": schedule(60)},
}

MODEL_PACKAGES = env.str("MODEL_PACKAGES", default=str(ROOT / "inference" / "packages"))
RUN_LEASE_SECONDS = env.int("RUN_LEASE_SECONDS", default=60)
RUN_MAX_ATTEMPTS = env.int("RUN_MAX_ATTEMPTS", default=3)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "telepath.api.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
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
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
