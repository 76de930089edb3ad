"""Every error of the API as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from telepath.core.away import unavailable
from telepath.core.errors import DomainError, NotThere, TooLarge
from telepath.core.failures import UNKNOWN
from telepath.core.problems import CONTENT_TYPE, problem, problem_of
from telepath.core.sizes import readable_bytes

logger = logging.getLogger(__name__)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """The handler that DRF calls. An unknown exception is logged whole, and never told."""
    set_rollback()
    error = unavailable(error) or error
    request = context.get("request")
    request_id = getattr(request, "request_id", "")
    body = _body(error, request_id=request_id)
    if body is None:
        logger.exception("unhandled error in the API, request %s", request_id, exc_info=error)
        got_request_exception.send(sender=None, request=getattr(request, "_request", request))
        body = problem(500, code="error", detail=UNKNOWN, request_id=request_id)
    return Response(
        body, status=int(str(body["status"])), headers=_headers(error), content_type=CONTENT_TYPE
    )


def _body(error: Exception, **members: object) -> dict[str, object] | None:
    if isinstance(error, Http404):
        error = NotThere()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, SuspiciousOperation):
        error = _refused(error)
    if isinstance(error, DomainError):
        return problem_of(error, **members)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error, **members)
    if isinstance(error, exceptions.APIException):
        code = str(getattr(error.detail, "code", error.default_code))
        return problem(error.status_code, code=code, detail=str(error.detail), **members)
    return None


def _refused(error: SuspiciousOperation) -> DomainError:
    """What Django itself refuses to read, in words."""
    if isinstance(error, RequestDataTooBig):
        most = readable_bytes(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return TooLarge(f"The body has more than {most}; nothing was changed.")
    return DomainError("The request cannot be read as it is; nothing was changed.")


def _invalid(error: exceptions.ValidationError, **members: object) -> dict[str, object]:
    errors = [{"field": field, "detail": text} for field, text in _flat(error.detail)]
    detail = "Some fields cannot be used; nothing was changed. See `errors`."
    return problem(422, code="invalid", detail=detail, errors=errors, **members)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(field, sentence) for each leaf; nested fields are joined by dots."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(filter(None, [path, own])))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield path, str(detail)


def _headers(error: Exception) -> dict[str, str]:
    """What a client needs besides the body: how to sign in, when to come back."""
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    return headers
