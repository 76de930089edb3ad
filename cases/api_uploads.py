"""Resumable uploads over tus 1.0.0 (https://tus.io/protocols/resumable-upload).

Extensions: creation, creation-with-upload, termination. A client names the case, the file and, if
it can, its SHA-256 in `Upload-Metadata`: `case`, `filename`, `sha256`. Bytes are streamed from the
request to the store, in requests of at most `REQUEST_MAX_BYTES`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import actor_of
from cases.choices import UploadStatus
from cases.models import Case, Upload
from cases.selectors.images import mix_up, same_elsewhere
from cases.serializers.uploads import (
    LENGTH,
    METADATA,
    OFFSET,
    SPOKEN,
    VERSION,
    PartSchema,
    UploadSerializer,
)
from cases.services.uploads import (
    WrongOffset,
    already_in_case,
    upload_abandon,
    upload_append,
    upload_begin,
)
from telepath.api.schema import fails_with
from telepath.core.errors import DomainError, Invalid, NotThere, RetryLater, TooLarge, Unavailable
from telepath.core.sizes import readable_bytes

CONTENT_TYPE = "application/offset+octet-stream"
_CHUNK_BYTES = 64 << 10


class WrongVersion(DomainError):
    """The client speaks another version of tus."""

    status = 412
    default_code = "tus_version"


class WrongType(DomainError):
    """A part must say that it is one."""

    status = 415
    default_code = "content_type"


class Gone(DomainError):
    """The upload has failed; a client that asks where to go on must begin anew."""

    status = 410
    default_code = "upload_failed"


class PartParser(BaseParser):
    """Leaves the body where it is: the views read it as a stream."""

    media_type = CONTENT_TYPE

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}


class TusView(APIView):
    """What all requests of the protocol share."""

    parser_classes = [PartParser]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Old proxies know only POST; the protocol lets the method hide in a header."""
        wanted = request.headers.get("X-HTTP-Method-Override", "")
        if request.method == "POST" and wanted in {"PATCH", "DELETE"}:
            request.method = wanted
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        is_spoken = request.method not in {"OPTIONS", "GET"}
        if is_spoken and hasattr(self, str(request.method).lower()):
            self._check_version(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RetryLater):
            exc = Unavailable(exc.message, code=exc.code)
        response = super().handle_exception(exc)
        if isinstance(exc, WrongOffset):
            response["Upload-Offset"] = str(exc.offset)
        return response

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    def _check_version(self, request: Request) -> None:
        if request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion(f"This server speaks tus {VERSION}: send Tus-Resumable: {VERSION}.")


class UploadsView(TusView):
    """Where uploads begin."""

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What this server can do, and how large a file may be."""
        return Response(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,creation-with-upload,termination",
                "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
            },
        )

    @extend_schema(
        operation_id="uploads_begin",
        summary="Begin a resumable upload (tus)",
        request={CONTENT_TYPE: bytes},
        parameters=[SPOKEN, LENGTH, METADATA],
        responses={201: None, **fails_with(412)},
    )
    def post(self, request: Request) -> Response:
        """201 with `Location`; 409 `duplicate_image` when the same bytes are in the case."""
        size = _whole_number(request, "Upload-Length")
        metadata = metadata_of(request.headers.get("Upload-Metadata", ""))
        upload = upload_begin(
            actor=actor_of(request._request),
            case=_case_of(request, metadata),
            filename=metadata.get("filename", ""),
            size=size,
            sha256=metadata.get("sha256", ""),
        )
        if request.content_type == CONTENT_TYPE:
            upload = _append(request, upload, upload.offset)
        response = _answer(upload, status=201)
        response["Location"] = f"{request.path}{upload.pk}/"
        return response


class UploadView(TusView):
    """One upload on its way."""

    schema = PartSchema()

    @extend_schema(operation_id="uploads_offset", responses={200: None})
    def head(self, request: Request, pk: UUID) -> Response:
        """Where to go on. 410 when the upload has failed: begin anew."""
        upload = self._upload(request, pk)
        if upload.status == UploadStatus.FAILED:
            raise Gone(upload.problem)
        response = _answer(upload, status=200)
        response["Upload-Length"] = str(upload.size)
        return response

    @extend_schema(operation_id="uploads_state", responses={200: UploadSerializer})
    def get(self, request: Request, pk: UUID) -> Response:
        """The upload in words, for a client that asks what became of it."""
        upload = self._upload(request, pk)
        return Response(
            {
                "id": str(upload.pk),
                "case": str(upload.case_id),
                "filename": upload.filename,
                "size": upload.size,
                "offset": upload.offset,
                "status": upload.status,
                "problem": upload.problem,
                "image": str(upload.image_id) if upload.image_id else None,
                "message": message_of(upload),
            }
        )

    @extend_schema(
        operation_id="uploads_append",
        parameters=[SPOKEN, OFFSET],
        request={CONTENT_TYPE: bytes},
        responses={204: None, **fails_with(410, 412)},
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """The part that begins at `Upload-Offset`; the last one makes the image."""
        if request.content_type != CONTENT_TYPE:
            raise WrongType(f"Send the part as {CONTENT_TYPE}.")
        offset = _whole_number(request, "Upload-Offset")
        upload = _append(request, self._upload(request, pk), offset)
        if upload.status == UploadStatus.FAILED:
            raise Invalid(upload.problem, code="upload_failed")
        return _answer(upload, status=204)

    @extend_schema(
        operation_id="uploads_abandon",
        parameters=[SPOKEN],
        responses={204: None, **fails_with(412)},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Give the file up."""
        upload_abandon(actor=actor_of(request._request), upload=self._upload(request, pk))
        return Response(status=204)

    def _upload(self, request: Request, pk: UUID) -> Upload:
        rows = Upload.objects.select_related("case", "image")
        return rows.get_for(actor_of(request._request), "image.add", pk=pk)


upload_urls = [
    path("", UploadsView.as_view(), name="uploads"),
    path("<uuid:pk>/", UploadView.as_view(), name="upload"),
]


def metadata_of(header: str) -> dict[str, str]:
    """`Upload-Metadata`: comma-separated pairs of a key and Base64. Raises `Invalid`."""
    found = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except ValueError as fault:
            raise Invalid(f"Upload-Metadata: the value of {key} is not Base64 of UTF-8.") from fault
    return found


def message_of(upload: Upload) -> str:
    """What to tell the person who sent it; empty while it is on its way."""
    if upload.status == UploadStatus.FAILED:
        return upload.problem
    if upload.image is None:
        return ""
    if upload.image_id != upload.pk:
        return already_in_case(upload.image.position)
    twins = same_elsewhere(upload.case, upload.image.sha256)
    return " ".join([f"Picture no. {upload.image.position} has arrived.", *map(mix_up, twins)])


def _append(request: Request, upload: Upload, offset: int) -> Upload:
    actor = actor_of(request._request)
    return upload_append(actor=actor, upload=upload, offset=offset, stream=_body(request))


def _body(request: Request) -> Iterator[bytes]:
    """The body in chunks. Raises `TooLarge` when it is longer than one request may be."""
    received = 0
    while chunk := request._request.read(_CHUNK_BYTES):
        received += len(chunk)
        if received > settings.REQUEST_MAX_BYTES:
            raise TooLarge(
                f"One request carries at most {readable_bytes(settings.REQUEST_MAX_BYTES)}: send "
                "the file in parts."
            )
        yield chunk


def _case_of(request: Request, metadata: dict[str, str]) -> Case:
    if "case" not in metadata:
        raise Invalid("Upload-Metadata must name the case.", field="Upload-Metadata")
    try:
        pk = UUID(metadata["case"])
    except ValueError as fault:
        raise NotThere("Upload-Metadata names no case that you may see.") from fault
    return Case.objects.get_for(actor_of(request._request), "case.view", pk=pk)


def _whole_number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isdecimal() or len(text) > 18:
        raise Invalid(f"{header} must be a whole number of bytes.", field=header)
    return int(text)


def _answer(upload: Upload, *, status: int) -> Response:
    response = Response(status=status)
    response["Upload-Offset"] = str(upload.offset)
    if upload.image_id:
        response["Upload-Image"] = str(upload.image_id)
        is_new = upload.image_id == upload.pk
        response["Upload-Result"] = "stored" if is_new else "duplicate"
        response["Upload-Message"] = quote(message_of(upload))
    return response
