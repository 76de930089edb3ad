"""What does not answer for a moment: the database, the file store, room on the disk.

None of it is a defect. Whoever asked is told within seconds, with a time to come back.
"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from telepath.core.errors import DomainError, RetryLater, Unavailable
from telepath.core.problems import problem_of, problem_response, wants_json
from telepath.core.room import DATABASE_FULL, FULL, NO_ROOM

DATABASE_AWAY = (
    "The database does not answer at this moment. What was saved before is safe. "
    "Please try again in a minute."
)


def unavailable(error: BaseException | None) -> Unavailable | None:
    """The sentence for a fault that passes; None for every other exception."""
    if isinstance(error, Unavailable):
        return error
    if getattr(getattr(error, "__cause__", None), "sqlstate", None) == DATABASE_FULL:
        return Unavailable(NO_ROOM, code="storage_full")
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable(DATABASE_AWAY, code="database_away")
    if isinstance(error, RetryLater):
        return Unavailable(error.message, code=error.code)
    if isinstance(error, OSError) and error.errno in FULL:
        return Unavailable(NO_ROOM, code="storage_full")
    return None


def come_back_later(request: HttpRequest, problem: DomainError) -> HttpResponse:
    """503 in the form that was asked for. Needs no database: neither session nor person."""
    if wants_json(request):
        request_id = getattr(request, "request_id", "")
        response: HttpResponse = problem_response(problem_of(problem, request_id=request_id))
    else:
        fragment = request.headers.get("HX-Request")
        page = "problem_fragment.html" if fragment else "503.html"
        context = {"problem": problem, "is_sent": request.method not in {"GET", "HEAD"}}
        response = HttpResponse(render_to_string(page, context), status=problem.status)
    response["Retry-After"] = str(Unavailable.wait)
    return response
