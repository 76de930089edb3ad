"""What the schema says of every operation, so that no view repeats it: how requests fail."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from telepath.core.errors import Unavailable
from telepath.core.problems import CONTENT_TYPE


class BlamedFieldSerializer(serializers.Serializer[dict[str, str]]):
    field = serializers.CharField(allow_blank=True, help_text="Nested ones are joined by dots.")
    detail = serializers.CharField(help_text="What is wrong, in a sentence.")


class ProblemSerializer(serializers.Serializer[dict[str, object]]):
    """Problem details (RFC 9457): how every error looks."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="The phrase of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened and what to do, for people.")
    code = serializers.CharField(help_text="What a program may want to tell apart.")
    errors = BlamedFieldSerializer(  # type: ignore[assignment]  # a field, not DRF's errors
        many=True, required=False
    )
    request_id = serializers.CharField(required=False, help_text="The log and the audit name it.")


def fails_with(*codes: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """For `extend_schema(responses=...)`: failures of one operation that others do not have."""
    return {(code, CONTENT_TYPE): ProblemSerializer for code in codes}


_ALWAYS = (400, 401, 403, 404, 406, 503)
"""Unreadable, not signed in, not allowed, not there, no such format, away for a moment."""
_OF_A_WRITE = (409, 413, 415, 422)
"""Moved on meanwhile, too large, not a format that is read, against the rules."""
_OF_A_QUESTION = (422,)


class Schema(AutoSchema):
    """Every operation names the failures that any of its kind can have."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        of_its_kind = _OF_A_QUESTION if self.method == "GET" else _OF_A_WRITE
        for code in (*_ALWAYS, *of_its_kind):
            answers.setdefault(str(code), self._problem(code))
        return dict(sorted(answers.items()))

    def _problem(self, code: int) -> dict[str, Any]:
        body = self.resolve_serializer(ProblemSerializer, "response").ref
        answer = {
            "description": HTTPStatus(code).phrase,
            "content": {CONTENT_TYPE: {"schema": body}},
        }
        if code == Unavailable.status:
            answer["headers"] = {"Retry-After": _WAIT}
        return answer


_WAIT = {
    "description": "Seconds after which asking again makes sense.",
    "required": True,
    "schema": {"type": "integer"},
}
