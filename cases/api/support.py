"""What the resources of this app share."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.actors import Actor
from accounts.http import actor_of


class ActorMixin:
    """Views that act for somebody."""

    lookup_value_converter = "uuid"

    @property
    def actor(self) -> Actor:
        """The person or the token behind this request."""
        return actor_of(self.request._request)  # type: ignore[attr-defined]  # of the view


def values_of(serializer: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The body of `request`, checked in its shape. Raises DRF's ValidationError."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values


def changed_values(
    serializer: type[BaseSerializer[Any]], row: Model, request: Request
) -> dict[str, Any]:
    """The same for PATCH: every field, those that were not sent as they are in `row`."""
    form = serializer(data=request.data, partial=True)
    form.is_valid(raise_exception=True)
    names = serializer().get_fields()  # type: ignore[attr-defined]  # BaseSerializer has no fields
    return {name: getattr(row, name) for name in names} | form.validated_data
