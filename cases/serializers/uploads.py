"""How an upload looks to a program, and the headers of tus 1.0.0 that it sends."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from cases.choices import UploadStatus
from telepath.api.schema import Schema

VERSION = "1.0.0"


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """One upload on its way, in words."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()
    filename = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the whole file.")
    offset = serializers.IntegerField(help_text="Bytes that have arrived.")
    status = serializers.ChoiceField(choices=UploadStatus.choices)
    problem = serializers.CharField(allow_blank=True)
    image = serializers.UUIDField(allow_null=True, help_text="Once all has arrived.")
    message = serializers.CharField(allow_blank=True, help_text="What to tell the sender.")


class PartSchema(Schema):
    """A part has a body; of plain bytes drf-spectacular cannot say so."""

    def _get_request_body(self, direction: Any = "request") -> Any:
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # a library's
        return {**body, "required": True} if body else body


def _header(name: str, kind: Any, says: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, "header", required=True, description=says, **more)


_BYTES = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
SPOKEN = _header("Tus-Resumable", str, "The version of tus.", enum=[VERSION])
LENGTH = _header("Upload-Length", _BYTES, "Bytes of the whole file.")
OFFSET = _header("Upload-Offset", _BYTES, "Where the part begins.")
METADATA = _header(
    "Upload-Metadata",
    {
        "type": "string",
        "pattern": r"^[a-z0-9]+ [A-Za-z0-9+/]*={0,2}(,[a-z0-9]+ [A-Za-z0-9+/]*={0,2})*$",
    },
    "Pairs of a key and Base64, separated by commas: `case`, `filename`, `sha256`.",
)
