"""All addresses. Each route has a row in the permission table (tests/permissions.py)."""

from django.urls import include, path

from telepath import health

handler500 = "telepath.core.failures.server_error"

urlpatterns = [
    path("healthz/live", health.live, name="health_live"),
    path("healthz/ready", health.ready, name="health_ready"),
    path("", include("cases.urls")),
    path("", include("accounts.urls")),
    path("models/", include("inference.urls")),
    path("account/", include("accounts.sign_in_urls")),
    path("api/", include("telepath.api.urls")),
]
