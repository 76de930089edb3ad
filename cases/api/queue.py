"""`/api/v1/queue/`: what waits for a reader."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from cases.api.support import ActorMixin
from cases.models import Case
from cases.selectors.queue import QueueFilters, review_queue
from cases.serializers import QueuedCaseSerializer, QueueFilterSerializer
from cases.services.looking import cases_listed
from telepath.api.queries import asked, require_known

LONGEST = 200


class QueueViewSet(ActorMixin, GenericViewSet[Case]):
    """Cases that wait, the most pressing first: priority, then concern, then age. 200 at most."""

    serializer_class = QueuedCaseSerializer
    pagination_class = None
    queryset = Case.objects.none()

    @extend_schema(parameters=[QueueFilterSerializer], responses=QueuedCaseSerializer(many=True))
    def list(self, request: Request) -> Response:
        require_known(request, QueueFilterSerializer().fields)
        filters = QueueFilters(**asked(QueueFilterSerializer, request))
        cases = review_queue(actor=self.actor, filters=filters)
        rows = list(cases[:LONGEST])
        cases_listed(actor=self.actor, cases=rows, query=request.query_params)
        return Response(QueuedCaseSerializer(rows, many=True).data)
