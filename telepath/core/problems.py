"""Problem details (RFC 9457): how every error looks to a program.

`type` stays "about:blank", so `title` is the phrase of the status; the member `code` tells apart
what a program may want to handle, and `detail` is the sentence for people.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse

from telepath.core.errors import DomainError

CONTENT_TYPE = "application/problem+json"


def problem(status: int, *, code: str, detail: str, **members: object) -> dict[str, object]:
    """The body of a problem; `members` that are empty are left out."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return body | {name: value for name, value in members.items() if value}


def problem_of(error: DomainError, **members: object) -> dict[str, object]:
    """The body for a `DomainError`; one that blames a field names it under `errors`."""
    found = getattr(error, "errors", {})
    errors = [{"field": field, "detail": sentence} for field, sentence in found.items()]
    return problem(error.status, code=error.code, detail=error.message, errors=errors, **members)


def problem_response(body: dict[str, object]) -> JsonResponse:
    """A body as a response, for code that is no view of the API."""
    return JsonResponse(body, status=int(str(body["status"])), content_type=CONTENT_TYPE)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asked: an address of the API, or JSON as the wanted answer."""
    if request.path.startswith("/api/v"):
        return True
    return request.accepts("application/json") and not request.accepts("text/html")
