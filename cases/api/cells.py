"""`/api/v1/cells/`: why the model called one cell what it did."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from cases.api.support import ActorMixin
from cases.selectors.evidence import evidence_of
from cases.serializers.reading import EvidenceSerializer
from cases.services.looking import case_seen
from inference.models import Cell


class CellViewSet(ActorMixin, GenericViewSet[Cell]):
    """Cells of the pictures that one may see, one at a time: a map weighs more than its cell."""

    queryset = Cell.objects.none()

    @extend_schema(responses=EvidenceSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        image, evidence = evidence_of(actor=self.actor, cell_id=pk)
        case_seen(actor=self.actor, case=image.case)
        return Response(EvidenceSerializer(evidence).data)
