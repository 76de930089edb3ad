"""Files arrive in parts, over lines that break: what was acknowledged is safe.

A part is stored first, under a name of its own; then the row's offset moves by compare-and-swap.
So a kill at any point loses at most the part under way, and two senders of the same part cannot
spoil each other's bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from secrets import token_hex

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require
from cases.choices import UploadStatus
from cases.models import Case, SmearImage, Upload
from cases.services.assembly import (
    UploadGone,
    next_position,
    parts_folder,
    upload_finish,
    upload_finish_later,
)
from cases.services.intake import editable_case
from telepath.core.errors import Conflict, Invalid, RetryLater, TooLarge
from telepath.core.sizes import readable_bytes
from telepath.core.storage import delete_below, delete_keys, save_stream

FINISHED_IN_REQUEST_BYTES = 64 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class WrongOffset(Conflict):
    """The part does not begin where the stored bytes end; `offset` says where that is."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(
            f"{upload.filename}: {upload.offset} of {upload.size} bytes are here; go on there.",
            code="wrong_offset",
        )
        self.offset = upload.offset


class AlreadyInCase(Conflict):
    """The same bytes are in the case already; `image` is that picture."""

    def __init__(self, image: SmearImage) -> None:
        super().__init__(already_in_case(image.position), code="duplicate_image")
        self.image = image


def already_in_case(position: int) -> str:
    return f"This picture is already in the case as no. {position}. It was not stored again."


@transaction.atomic
def upload_begin(*, actor: Actor, case: Case, filename: str, size: int, sha256: str = "") -> Upload:
    """Announce a file of `size` bytes. With its SHA-256 (hex), nothing is sent twice:

    a picture that is in the case raises `AlreadyInCase`, a file that broke off is taken up again.
    Raises `Invalid` (empty), `TooLarge`, `Conflict` (case not open for changes, case full).
    """
    require(actor, "image.add", case)
    name, digest = _clean_name(filename), _clean_digest(sha256)
    _check_size(name, size)
    row = editable_case(case)
    return _known_before(row, size, digest) or _begin(actor, row, name, size, digest)


def upload_append(*, actor: Actor, upload: Upload, offset: int, stream: Iterable[bytes]) -> Upload:
    """Take the part of the file that begins at `offset`; the last byte makes it an image.

    Returns the upload as it then is: complete (`image` is the picture, perhaps one that was there
    before), failed (`problem` says why), or open. Raises `WrongOffset`, `Conflict`, `Invalid`,
    `UploadGone`.
    """
    require(actor, "image.add", upload)
    _check_open(upload)
    if offset != upload.offset:
        raise WrongOffset(upload)
    key = f"{parts_folder(upload.pk)}/{offset:013d}-{token_hex(4)}"
    _, size = save_stream(key, _at_most(stream, upload.size - offset))
    _acknowledge(upload, key, size)
    return _finish_if_whole(actor, upload)


@transaction.atomic
def upload_abandon(*, actor: Actor, upload: Upload) -> None:
    """Give up a file that is still on its way. Raises `Conflict` once it has become an image."""
    require(actor, "image.add", upload)
    row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if row is None:
        return  # asked twice
    if row.status == UploadStatus.COMPLETE:
        raise Conflict(f"{row.filename} has arrived: remove the picture instead.", code="complete")
    row.delete()
    transaction.on_commit(lambda: delete_below(parts_folder(upload.pk)), robust=True)


def _clean_name(filename: str) -> str:
    """The last part of a path without control characters; the ending survives shortening."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return kept[-200:] or "unnamed"


def _clean_digest(sha256: str) -> str:
    digest = sha256.strip().lower()
    if digest and not _SHA256.fullmatch(digest):
        raise Invalid("The SHA-256 is not 64 hexadecimal digits.", field="sha256")
    return digest


def _check_size(name: str, size: int) -> None:
    if size <= 0:
        raise Invalid(
            f"{name} is empty. Nothing was kept: check the file on your computer, then send it.",
            field="size",
            code="empty",
        )
    if size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(
            f"{name} has {readable_bytes(size)}, and at most "
            f"{readable_bytes(settings.UPLOAD_MAX_BYTES)} are accepted. Nothing was sent: export "
            "single fields, or save it compressed, and send those."
        )


def _known_before(case: Case, size: int, digest: str) -> Upload | None:
    if not digest:
        return None
    if image := SmearImage.objects.filter(case=case, sha256=digest).first():
        raise AlreadyInCase(image)
    return Upload.objects.filter(
        case=case, size=size, expected_sha256=digest, status=UploadStatus.OPEN
    ).first()


def _begin(actor: Actor, case: Case, name: str, size: int, digest: str) -> Upload:
    on_their_way = Upload.objects.filter(case=case, status=UploadStatus.OPEN).count()
    if case.images.count() + on_their_way >= settings.IMAGES_PER_CASE:
        raise Conflict(
            f"Case {case.accession} holds {settings.IMAGES_PER_CASE} pictures, which is the most "
            f"that one case can. {name} was not sent.",
            code="case_full",
        )
    return Upload.objects.create(
        case=case,
        filename=name,
        size=size,
        expected_sha256=digest,
        position=next_position(case),
        created_by=actor.user,
    )


def _check_open(upload: Upload) -> None:
    if upload.status == UploadStatus.FAILED:
        raise Conflict(f"{upload.filename}: {upload.problem}", code="upload_failed")
    if upload.status == UploadStatus.OPEN:
        with transaction.atomic():
            editable_case(upload.case)


def _at_most(stream: Iterable[bytes], limit: int) -> Iterator[bytes]:
    received = 0
    for chunk in stream:
        received += len(chunk)
        if received > limit:
            raise Invalid("More bytes arrived than were announced. This part was not kept.")
        yield chunk


def _acknowledge(upload: Upload, key: str, size: int) -> None:
    """Move the offset over the stored part, unless somebody was faster: then the part goes."""
    new = {
        "offset": upload.offset + size,
        "parts": [*upload.parts, [key, size]],
        "touched_at": timezone.now(),
    }
    rows = Upload.objects.filter(pk=upload.pk, offset=upload.offset, status=UploadStatus.OPEN)
    if not size or not rows.update(**new):
        delete_keys([key])
        try:
            upload.refresh_from_db()
        except Upload.DoesNotExist as gone:
            raise UploadGone from gone
        if size:
            raise WrongOffset(upload)
        return
    for name, value in new.items():
        setattr(upload, name, value)


def _finish_if_whole(actor: Actor, upload: Upload) -> Upload:
    """All bytes are safe now, so a store that is away here is no failure: the sweep finishes."""
    if upload.status != UploadStatus.OPEN or upload.offset < upload.size:
        return upload
    if upload.size > FINISHED_IN_REQUEST_BYTES:
        upload_finish_later(upload)
        return upload
    try:
        return upload_finish(upload_id=upload.pk, actor=actor)
    except RetryLater:
        return upload
