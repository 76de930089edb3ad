"""All addresses. Each route has a row in the permission table (tests/permissions.py)."""

from django.urls import include, path

urlpatterns = [
    path("", include("cases.urls")),
    path("", include("accounts.urls")),
    path("models/", include("inference.urls")),
    path("account/", include("accounts.sign_in_urls")),
    path("api/", include("telepath.api.urls")),
]
