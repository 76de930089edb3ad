"""Pictures over HTTP, each only for those who may see its case.

Addresses are keys, never storage paths, and no presigned address leaves the house. What is served
inline was written by us, so its type is fixed; the original, whatever it is, is only ever an
attachment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import actor_of, signed_in
from accounts.services import audit
from cases.models import SmearImage
from cases.selectors.cells import CellView, cells_of_image
from cases.selectors.images import cut_cell, image_get, image_of_cell, viewable_image
from cases.services.images import image_folder
from telepath.core.errors import NotThere, RetryLater, Unavailable
from telepath.core.images import media_type
from telepath.core.storage import read_bytes, read_chunks

_Read = TypeVar("_Read")
_Response = TypeVar("_Response", bound=HttpResponseBase)

WIDEST_WINDOW = 2048
KEPT = "private, max-age=86400"
"""Pictures never change under their address, but are of a person: only that browser keeps them."""


@require_safe
@signed_in
def image_display(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The field without metadata, as PNG or JPEG."""
    image = viewable_image(actor=actor_of(request), pk=pk)
    audit.record_view(
        actor=actor_of(request), obj=image, chain=image.case.clinic_id, label=_label(image)
    )
    return _picture(request, image, image.display_key)


@require_safe
@signed_in
def image_thumbnail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """At most 320 px, JPEG."""
    image = viewable_image(actor=actor_of(request), pk=pk)
    return _picture(request, image, image.thumbnail_key)


@require_safe
@signed_in
def image_dzi(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The DeepZoom descriptor; 404 for a field that needs no tiles."""
    image = _tiled(request, pk)
    return _picture(request, image, f"{image.tiles_prefix}.dzi")


@require_safe
@signed_in
def image_tile(request: HttpRequest, pk: UUID, level: int, column: int, row: int) -> HttpResponse:
    """One tile of the pyramid, JPEG."""
    image = _tiled(request, pk)
    return _picture(request, image, f"{image.tiles_prefix}_files/{level}/{column}_{row}.jpg")


@require_safe
@signed_in
@never_cache
def image_original(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The bytes as they were sent: always an attachment, and an entry in the log each time."""
    actor = actor_of(request)
    image = image_get(actor=actor, pk=pk)
    chunks = _begun(read_chunks(image.original_key))
    response = StreamingHttpResponse(
        _async(chunks) if isinstance(request, ASGIRequest) else chunks,
        content_type="application/octet-stream",
    )
    audit.record(
        actor=actor,
        action="image.download",
        chain=image.case.clinic_id,
        obj=image,
        label=_label(image),
    )
    response["Content-Length"] = str(image.size)
    response["Content-Disposition"] = content_disposition_header(True, image.filename) or ""
    return cast(HttpResponse, _sealed(response))


@require_safe
@signed_in
@never_cache
def image_cells(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Outlines and classes of the cells of one field, for the overlay."""
    image = viewable_image(actor=actor_of(request), pk=pk)
    return JsonResponse(
        {
            "width": image.width,
            "height": image.height,
            "cells": [_outline(cell) for cell in cells_of_image(image)],
        }
    )


@require_safe
@signed_in
def cell_crop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One cell, 128 px, JPEG. `window`: the square around it in pixels of its picture, so that
    cells can be compared in size; without it the square follows the cell.
    """
    image, cell = image_of_cell(actor=actor_of(request), cell_id=pk)
    window = _window(request)
    box = (cell.x, cell.y, cell.width, cell.height)
    cut = partial(_stored, lambda: cut_cell(image, box, window=window))
    return _conditional(request, image, f"cell-{pk}-{window or ''}", "image/jpeg", cut)


def _window(request: HttpRequest) -> int | None:
    asked = request.GET.get("window", "")
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit() or not 8 <= int(asked[:6]) <= WIDEST_WINDOW:
        raise NotThere
    return int(asked)


def _tiled(request: HttpRequest, pk: UUID) -> SmearImage:
    image = viewable_image(actor=actor_of(request), pk=pk)
    if not image.tiles_prefix:
        raise NotThere
    return image


def _picture(request: HttpRequest, image: SmearImage, key: str) -> HttpResponse:
    kind = media_type(Path(key))
    name = key.removeprefix(f"{image_folder(image.pk)}/")
    return _conditional(request, image, name, kind, lambda: _stored(lambda: read_bytes(key)))


def _conditional(
    request: HttpRequest, image: SmearImage, name: str, kind: str, body: Callable[[], bytes]
) -> HttpResponse:
    """304 without asking the store when the browser has it; otherwise `body`. Notes the look."""
    audit.record_view(actor=actor_of(request), obj=image.case, chain=image.case.clinic_id)
    etag = f'"{image.sha256[:16]}-{name.replace("/", "-")}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(body(), content_type=kind)
    response["ETag"] = etag
    response["Cache-Control"] = KEPT
    return _sealed(response)


def _sealed(response: _Response) -> _Response:
    """Nothing in it may run, and nobody may guess another type."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _outline(cell: CellView) -> dict[str, object]:
    return {
        "id": str(cell.id),
        "number": cell.number,
        "bbox": cell.bbox,
        "contour": cell.contour,
        "class": cell.effective,
        "suggested": cell.suggested,
        "corrected": cell.corrected,
        "by": cell.corrected_by,
        "group": cell.group,
        "origin": cell.origin,
        "cut": cell.is_cut,
        "removed": cell.is_removed,
    }


def _label(image: SmearImage) -> str:
    return f"{image.case.accession} no. {image.position}"


def _begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, the first read now: a missing file is found before the answer begins."""
    first = _stored(lambda: next(chunks, b""))
    return chain([first], chunks)


async def _async(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same for an ASGI server, which would otherwise collect the whole file in memory."""
    # A slow download must not keep one of the web process's few connections to the database.
    await sync_to_async(close_old_connections)()
    read = sync_to_async(partial(next, chunks, b""), thread_sensitive=False)
    while chunk := await read():
        yield chunk


def _stored(read: Callable[[], _Read]) -> _Read:
    """What `read` gives. Raises `NotThere` for missing bytes, `Unavailable` for a store away."""
    try:
        return read()
    except FileNotFoundError as fault:
        raise NotThere from fault
    except RetryLater as fault:
        raise Unavailable(fault.message) from fault
