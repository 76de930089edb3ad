"""`/api/v1/images/`: what is known about pictures. They arrive at `/api/v1/uploads/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from cases.api.support import ActorMixin
from cases.models import SmearImage
from cases.selectors.images import image_get
from cases.serializers import ImageFilterSerializer, ImageSerializer
from cases.services.images import image_remove
from cases.services.looking import case_seen, cases_listed
from telepath.api.queries import asked


class ImageViewSet(ActorMixin, ListModelMixin, GenericViewSet[SmearImage]):
    """Pictures of the cases that one may see."""

    parameters = tuple(ImageFilterSerializer().fields)
    serializer_class = ImageSerializer
    queryset = SmearImage.objects.none()

    def get_queryset(self) -> QuerySet[SmearImage]:
        images = SmearImage.objects.visible_to(self.actor, "image.view")
        given = asked(ImageFilterSerializer, self.request)
        lookups = {"case": given.get("case"), "case__patient": given.get("patient")}
        return images.filter(**{name: pk for name, pk in lookups.items() if pk})

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        rows = super().paginate_queryset(queryset.select_related("case")) or []
        cases = {image.case_id: image.case for image in rows}
        cases_listed(actor=self.actor, cases=cases.values(), query=self.request.query_params)
        return rows

    @extend_schema(parameters=[ImageFilterSerializer])
    def list(self, request: Request) -> Response:
        return super().list(request)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        image = image_get(actor=self.actor, pk=pk)
        case_seen(actor=self.actor, case=image.case)
        return Response(ImageSerializer(image).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a picture out of a case that is still with the clinic."""
        image_remove(actor=self.actor, image=image_get(actor=self.actor, pk=pk))
        return Response(status=204)
