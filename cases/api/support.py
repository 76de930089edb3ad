"""What the resources of this app share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.actors import Actor
from accounts.http import actor_of
from accounts.services.sending import is_token, sent_once
from cases.services.reports.canonical import sha256_of
from telepath.core.errors import Invalid

Made = TypeVar("Made", bound=Model)


class ActorMixin:
    """Views that act for somebody."""

    lookup_value_converter = "uuid"

    @property
    def actor(self) -> Actor:
        """The person or the token behind this request."""
        return actor_of(self.request._request)  # type: ignore[attr-defined]  # of the view


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="8 to 64 letters, digits or hyphens, new for each thing to be made. The same key "
    "again, after a lost answer, makes nothing: it answers with what was made.",
)


def made_once(
    request: Request, actor: Actor, *, make: Callable[[], Made], again: Callable[[str], Made]
) -> Made:
    """What `make` makes; for a key that was used, what it made then, by `again(its id)`.

    Raises `Invalid` for a key that is none, or that came with another body before.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return make()
    if not is_token(key):
        raise Invalid("An Idempotency-Key has 8 to 64 letters, digits or hyphens.", code="key")
    sender, body = f"{actor.kind}:{actor.id}", sha256_of(json.dumps(request.data, sort_keys=True))
    with sent_once(sender=sender, address=request.path, token=key, content={}) as sending:
        if sending.earlier:
            made, said = sending.result.split()
            if said != body:
                raise Invalid("This Idempotency-Key came with another body before.", code="key")
            return again(made)
        row = make()
        sending.result = f"{row.pk} {body}"
        return row


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
    values: dict[str, Any] = {name: getattr(row, name) for name in names} | form.validated_data
    return values
