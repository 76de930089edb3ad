"""Below `/api/v1/cases/<id>/`: cells, corrections, the count, the checks, the signature."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.support import ActorMixin, values_of
from cases.models import Case
from cases.selectors.cells import cells_of
from cases.selectors.checks import signing_checks
from cases.selectors.differential import differential_of_case, suggested_differential
from cases.selectors.suggestion import suggestion_of_case
from cases.serializers import (
    AddendumSerializer,
    AmendSerializer,
    CheckFilterSerializer,
    CheckSerializer,
    ReportSerializer,
    SignSerializer,
)
from cases.serializers.reading import (
    BothCountsSerializer,
    CellSerializer,
    CorrectionSerializer,
    CorrectSerializer,
    SuggestionSerializer,
)
from cases.services.appending import report_append
from cases.services.reading import cells_correct
from cases.services.signing import case_amend, case_sign
from telepath.api.queries import asked

_PEOPLE_ONLY: dict[str, Any] = {"authentication_classes": [SessionAuthentication]}
"""For signatures: a session is needed; a token is not even looked at."""


class ReadingMixin(ActorMixin):
    """What a reader does with a case. Lists are whole: a case has some thousand cells at most."""

    def case(self, pk: UUID) -> Case:
        raise NotImplementedError

    @extend_schema(responses=CellSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def cells(self, request: Request, pk: UUID) -> Response:
        """Every cell: what the model suggested, and beside it what a reader said."""
        return Response(CellSerializer(cells_of(self.case(pk)), many=True).data)

    @extend_schema(request=CorrectSerializer, responses={201: CorrectionSerializer(many=True)})
    @action(detail=True, methods=["post"], pagination_class=None)
    def corrections(self, request: Request, pk: UUID) -> Response:
        """Say what cells are. Answers with the corrections that were new."""
        values = values_of(CorrectSerializer, request)
        rows = cells_correct(
            actor=self.actor,
            case=self.case(pk),
            cell_ids=values["cells"],
            cell_class=values["cell_class"],
        )
        return Response(CorrectionSerializer(rows, many=True).data, status=201)

    @extend_schema(responses=BothCountsSerializer)
    @action(detail=True)
    def differential(self, request: Request, pk: UUID) -> Response:
        """The count as readers left it, and as the model alone would have it."""
        case = self.case(pk)
        suggested = suggested_differential(cells_of(case))
        counts = {"reported": differential_of_case(case), "suggested": suggested}
        return Response(BothCountsSerializer(counts).data)

    @extend_schema(responses={200: SuggestionSerializer, 204: None})
    @action(detail=True)
    def suggestion(self, request: Request, pk: UUID) -> Response:
        """What the model suggests for the whole case; 204 while no field is analysed."""
        found = suggestion_of_case(self.case(pk))
        if found is None:
            return Response(status=204)
        return Response(SuggestionSerializer(found).data)

    @extend_schema(parameters=[CheckFilterSerializer], responses=CheckSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def checks(self, request: Request, pk: UUID) -> Response:
        """What must hold before the case may be signed, and what does."""
        conclusion = asked(CheckFilterSerializer, request).get("conclusion", "")
        found = signing_checks(self.case(pk), actor=self.actor, conclusion=conclusion)
        return Response(CheckSerializer(found, many=True).data)

    @extend_schema(request=SignSerializer, responses={201: ReportSerializer})
    @action(detail=True, methods=["post"], **_PEOPLE_ONLY)
    def signature(self, request: Request, pk: UUID) -> Response:
        """Sign the report. People only, with their password; a token can never sign."""
        values = values_of(SignSerializer, request)
        report = case_sign(actor=self.actor, case=self.case(pk), **values)
        return Response(ReportSerializer(report).data, status=201)

    @extend_schema(request=AmendSerializer, responses={201: ReportSerializer})
    @action(detail=True, methods=["post"], **_PEOPLE_ONLY)
    def amendments(self, request: Request, pk: UUID) -> Response:
        """Sign a new version of the report. People only, with their password."""
        values = values_of(AmendSerializer, request)
        report = case_amend(actor=self.actor, case=self.case(pk), **values)
        return Response(ReportSerializer(report).data, status=201)

    @extend_schema(request=AddendumSerializer, responses={201: ReportSerializer})
    @action(detail=True, methods=["post"], **_PEOPLE_ONLY)
    def addenda(self, request: Request, pk: UUID) -> Response:
        """Sign text to be added below the report. People only, with their password."""
        values = values_of(AddendumSerializer, request)
        report = report_append(actor=self.actor, case=self.case(pk), **values)
        return Response(ReportSerializer(report).data, status=201)
