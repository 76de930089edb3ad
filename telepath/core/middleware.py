"""Around every request: an id to find it by, and sentences instead of tracebacks."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from telepath.core.away import come_back_later, unavailable
from telepath.core.errors import DomainError
from telepath.core.problems import problem_of, problem_response, wants_json

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """A number of our own for each request; it stands in the audit, and in the reply for a proxy.

    One that comes with the request is not believed: anybody could give many the same.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid4().hex  # type: ignore[attr-defined]  # our own attribute
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]  # our own attribute
        return response


class DomainErrorMiddleware:
    """Turn what a page did not handle, a `DomainError` or a passing fault, into its sentence."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if passing := unavailable(error):
            return come_back_later(request, passing)
        if not isinstance(error, DomainError):
            return None
        if wants_json(request):
            return problem_response(
                problem_of(error, request_id=getattr(request, "request_id", ""))
            )
        page = "problem_fragment.html" if request.headers.get("HX-Request") else "problem.html"
        return render(request, page, {"problem": error}, status=error.status)
