"""`/api/`: the page to read the API by. Plain HTML of our own: no script, keys reach all of it."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from telepath.api.reading import Reading, reading_of


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Everything that can be asked, for whoever writes a program against it."""
    return render(request, "api/docs.html", {"api": _reading()})


@lru_cache(maxsize=1)
def _reading() -> Reading:
    """The document does not change while a process runs."""
    return reading_of(SchemaGenerator().get_schema(request=None, public=True))
