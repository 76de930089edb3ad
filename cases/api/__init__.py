"""`/api/v1/`: patients, cases, images, the queue, cells and reports."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from cases.api.cases import CaseViewSet
from cases.api.cells import CellViewSet
from cases.api.images import ImageViewSet
from cases.api.patients import PatientViewSet
from cases.api.queue import QueueViewSet
from cases.api.reports import ReportViewSet

router = SimpleRouter(use_regex_path=False)
router.register("patients", PatientViewSet, basename="patient")
router.register("cases", CaseViewSet, basename="case")
router.register("cases/<uuid:pk>/reports", ReportViewSet, basename="report")
router.register("images", ImageViewSet, basename="image")
router.register("cells", CellViewSet, basename="cell")
router.register("queue", QueueViewSet, basename="queue")
