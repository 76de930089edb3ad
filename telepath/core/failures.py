"""The last stop of an exception that no view and no middleware of ours could handle."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error as plain_server_error

from telepath.core.away import come_back_later, unavailable
from telepath.core.problems import problem, problem_response, wants_json

UNKNOWN = (
    "Something went wrong on our side. It is logged under the request id; nothing was changed."
)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. It runs while the exception is handled, so that is known here."""
    passing = unavailable(sys.exc_info()[1])
    if passing:
        return come_back_later(request, passing)
    if wants_json(request):
        request_id = getattr(request, "request_id", "")
        return problem_response(problem(500, code="error", detail=UNKNOWN, request_id=request_id))
    return plain_server_error(request)
