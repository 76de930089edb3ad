"""`/api/v1/patients/`"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import Organisation
from cases.api.support import IDEMPOTENCY_KEY, ActorMixin, changed_values, made_once, values_of
from cases.models import Patient
from cases.selectors.cases import patient_get, patient_list
from cases.serializers import PatientEditSerializer, PatientNewSerializer, PatientSerializer
from cases.services.intake import patient_register, patient_update
from cases.services.looking import patient_seen, patients_listed
from telepath.core.errors import NotThere


class PatientViewSet(ActorMixin, ListModelMixin, GenericViewSet[Patient]):
    """Patients of one's clinics."""

    parameters = ("query",)
    serializer_class = PatientSerializer
    queryset = Patient.objects.none()

    def get_queryset(self) -> QuerySet[Patient]:
        return patient_list(actor=self.actor, query=self.request.query_params.get("query", ""))

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        rows = super().paginate_queryset(queryset) or []
        patients_listed(actor=self.actor, patients=rows, query=self.request.query_params)
        return rows

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "query", str, description="Beginnings of names, record number, birth date."
            )
        ]
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        patient = patient_get(actor=self.actor, pk=pk)
        patient_seen(actor=self.actor, patient=patient)
        return Response(PatientSerializer(patient).data)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=PatientNewSerializer,
        responses={201: PatientSerializer},
    )
    def create(self, request: Request) -> Response:
        values = values_of(PatientNewSerializer, request)
        clinic = Organisation.objects.filter(pk=values.pop("clinic")).first()
        if clinic is None:
            raise NotThere
        patient = made_once(
            request,
            self.actor,
            make=lambda: patient_register(actor=self.actor, clinic=clinic, **values),
            again=lambda pk: patient_get(actor=self.actor, pk=UUID(pk)),
        )
        return Response(PatientSerializer(patient).data, status=201)

    @extend_schema(request=PatientEditSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        patient = patient_get(actor=self.actor, pk=pk)
        values = changed_values(PatientEditSerializer, patient, request)
        patient = patient_update(actor=self.actor, patient=patient, **values)
        return Response(PatientSerializer(patient).data)
