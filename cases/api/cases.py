"""`/api/v1/cases/`: the case itself, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from cases.api.reading import ReadingMixin
from cases.api.support import IDEMPOTENCY_KEY, changed_values, made_once, values_of
from cases.models import Case
from cases.selectors.cases import CaseFilters, case_get, case_list, patient_get
from cases.serializers import (
    AssignSerializer,
    CancelSerializer,
    CaseDetailSerializer,
    CaseEditSerializer,
    CaseFilterSerializer,
    CaseNewSerializer,
    CaseSerializer,
    ReturnSerializer,
)
from cases.services import amending, intake, leaving, review, submission
from cases.services.looking import case_seen, cases_listed
from telepath.api.queries import asked

F = TypeVar("F", bound=Callable[..., Any])


def _step(description: str, body: Any = None) -> Callable[[F], F]:
    """An action that moves a case and answers with it."""
    return extend_schema(request=body, responses=CaseDetailSerializer, description=description)


@extend_schema_view(list=extend_schema(parameters=[CaseFilterSerializer]))
class CaseViewSet(ReadingMixin, ListModelMixin, GenericViewSet[Case]):
    """Cases of one's clinics, or of the clinics that one reads for."""

    parameters = tuple(CaseFilterSerializer().fields)
    serializer_class = CaseSerializer
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        given = asked(CaseFilterSerializer, self.request)
        filters = CaseFilters(
            query=given.get("query", ""),
            statuses=frozenset(given.get("status", ())),
            clinic=given.get("clinic"),
            patient=given.get("patient"),
            priority=given.get("priority"),
        )
        return case_list(actor=self.actor, filters=filters)

    def case(self, pk: UUID) -> Case:
        """The case that this request is about, with the fact that it was looked at on record.

        Raises `NotThere`.
        """
        case = case_get(actor=self.actor, pk=pk)
        case_seen(actor=self.actor, case=case)
        return case

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        rows = super().paginate_queryset(queryset) or []
        cases_listed(actor=self.actor, cases=rows, query=self.request.query_params)
        return rows

    @extend_schema(responses=CaseDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._now(pk)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=CaseNewSerializer,
        responses={201: CaseDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        values = values_of(CaseNewSerializer, request)
        patient = patient_get(actor=self.actor, pk=values.pop("patient"))
        case = made_once(
            request,
            self.actor,
            make=lambda: intake.case_open(actor=self.actor, patient=patient, **values),
            again=lambda made: self.case(UUID(made)),
        )
        return Response(CaseDetailSerializer(case).data, status=201)

    @extend_schema(request=CaseEditSerializer, responses=CaseDetailSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        case = self.case(pk)
        values = changed_values(CaseEditSerializer, case, request)
        intake.case_update(actor=self.actor, case=case, **values)
        return self._now(pk)

    @_step("Hand the case over for analysis and reading.")
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: UUID) -> Response:
        submission.case_submit(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("Take a submitted case back to its draft, as long as no reader has claimed it.")
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: UUID) -> Response:
        submission.case_recall(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("Analyse again what failed.")
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: UUID) -> Response:
        submission.case_retry(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("End the case without a report.", CancelSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        values = values_of(CancelSerializer, request)
        leaving.case_cancel(actor=self.actor, case=self.case(pk), **values)
        return self._now(pk)

    @_step("Send the case back to the clinic.", ReturnSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: UUID) -> Response:
        values = values_of(ReturnSerializer, request)
        leaving.case_return(actor=self.actor, case=self.case(pk), **values)
        return self._now(pk)

    @_step("Take the case for reading. 409 names the reader who was faster.")
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: UUID) -> Response:
        review.case_claim(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("Give the case back to the queue.")
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: UUID) -> Response:
        review.case_release(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("Put the case into the hands of a reader.", AssignSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: UUID) -> Response:
        reader = User.objects.filter(pk=values_of(AssignSerializer, request)["reader"]).first()
        if reader is None:
            raise review.NotAReader
        review.case_assign(actor=self.actor, case=self.case(pk), reader=reader)
        return self._now(pk)

    @_step("Take a signed case up again, to correct cells and sign an amended report.")
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: UUID) -> Response:
        amending.case_reopen(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    @_step("Give an amendment up: cells and state are again what the newest version says.")
    @action(detail=True, methods=["post"])
    def abandon(self, request: Request, pk: UUID) -> Response:
        amending.case_abandon(actor=self.actor, case=self.case(pk))
        return self._now(pk)

    def _now(self, pk: UUID) -> Response:
        return Response(CaseDetailSerializer(self.case(pk)).data)
