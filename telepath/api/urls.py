"""`/api/`: version 1 of all apps, its schema, and a page to read it."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from accounts import api as accounts_api
from cases import api as cases_api
from cases.api_uploads import upload_urls
from inference import api as inference_api
from telepath.api.docs import docs
from telepath.api.nothing import NothingHere

router = SimpleRouter()
router.register("me", accounts_api.MeViewSet, basename="me")
router.register("organisations", accounts_api.OrganisationViewSet, basename="organisation")
router.register("audit", accounts_api.AuditViewSet, basename="audit")
router.register("models", inference_api.ModelViewSet, basename="model")

urlpatterns = [
    path("", docs, name="api-docs"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/uploads/", include(upload_urls)),
    path("v1/", include(router.urls)),
    path("v1/", include(cases_api.router.urls)),
    # Every character: a dot leaves out the end of a line, which an address may hold as well.
    re_path(r"^(?P<rest>[\s\S]+)/$", NothingHere.as_view(), name="api-nothing"),
]
