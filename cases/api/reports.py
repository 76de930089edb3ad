"""`/api/v1/cases/<id>/reports/`: every signed version, as data, as signed text, and on paper."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.services import audit
from cases.api.support import ActorMixin
from cases.models import ReportVersion
from cases.selectors.cases import case_get
from cases.serializers import ReportDetailSerializer, ReportSerializer
from cases.services.reports import pdf_of, verify


class ReportViewSet(ActorMixin, ListModelMixin, GenericViewSet[ReportVersion]):
    """Signed versions of one case, newest first."""

    serializer_class = ReportSerializer
    queryset = ReportVersion.objects.none()
    lookup_field = "number"
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[ReportVersion]:
        case = case_get(actor=self.actor, pk=self.kwargs["pk"])
        rows = ReportVersion.objects.visible_to(self.actor, "report.view")
        return rows.filter(case=case).select_related("case")

    def list(self, request: Request, pk: UUID) -> Response:
        return super().list(request)

    @extend_schema(responses=ReportDetailSerializer)
    def retrieve(self, request: Request, pk: UUID, number: int) -> Response:
        report = self._seen(pk, number)
        report.verdict = verify(report)  # type: ignore[attr-defined]  # for the serializer
        return Response(ReportDetailSerializer(report).data)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    @action(detail=True)
    def document(self, request: Request, pk: UUID, number: int) -> HttpResponse:
        """The signed text, byte for byte: its SHA-256 is the report's."""
        report = self._seen(pk, number)
        return HttpResponse(report.document, content_type="application/json")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True)
    def pdf(self, request: Request, pk: UUID, number: int) -> HttpResponse:
        """The paper; made now if no worker has made it yet."""
        report = self._seen(pk, number)
        name = f"{report.case.accession}-report-{number}.pdf"
        answer = HttpResponse(pdf_of(report), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{name}"'
        return answer

    def _seen(self, pk: UUID, number: int) -> ReportVersion:
        """The version, with the fact that it was looked at on record. Raises `NotThere`."""
        rows = ReportVersion.objects.select_related("case")
        report = rows.get_for(self.actor, "report.view", case=pk, number=number)
        audit.record_view(actor=self.actor, obj=report, chain=report.case.clinic_id)
        return report
