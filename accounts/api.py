"""`/api/v1/`: who am I, which organisations, and the audit log for administrators."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.forms import AuditFilterForm
from accounts.http import actor_of
from accounts.models import AuditEvent, Organisation
from accounts.policy import organisations_for
from accounts.selectors.audit import audit_events
from accounts.selectors.people import visible_organisations
from accounts.serializers import (
    AuditEventSerializer,
    AuditFilterSerializer,
    MeSerializer,
    OrganisationSerializer,
)
from accounts.services import audit_reading
from telepath.api.queries import asked


class MeViewSet(ViewSet):
    """Who this session or token is, and what it reaches."""

    @extend_schema(responses=forced_singular_serializer(MeSerializer))
    def list(self, request: Request) -> Response:
        return Response(MeSerializer(actor_of(request)).data)


class OrganisationViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Organisation]):
    """One's own organisations, and those at the other end of their agreements."""

    serializer_class = OrganisationSerializer
    queryset = Organisation.objects.none()

    def get_queryset(self) -> QuerySet[Organisation]:
        return visible_organisations(actor_of(self.request))


class AuditViewSet(ListModelMixin, GenericViewSet[AuditEvent]):
    """The audit log, newest first. Administrators only; reading it is an event too."""

    parameters = tuple(AuditFilterSerializer().fields)
    serializer_class = AuditEventSerializer
    queryset = AuditEvent.objects.none()

    def get_queryset(self) -> QuerySet[AuditEvent]:
        actor = actor_of(self.request)
        organisations = organisations_for(actor, "audit.view")
        asked(AuditFilterSerializer, self.request)
        form = AuditFilterForm(self.request.query_params, organisations=organisations)
        if not form.is_valid():
            raise ValidationError({name: [*map(str, texts)] for name, texts in form.errors.items()})
        events = audit_events(actor=actor, filters=form.filters())
        audit_reading.note_reading(actor=actor, filters=form.filters())
        return events

    @extend_schema(parameters=[AuditFilterSerializer])
    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().list(request, *args, **kwargs)
