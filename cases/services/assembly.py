"""From the parts of an upload to one image of a case; once, however often it is tried."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from accounts.actors import Actor, actor_of_user, system
from accounts.services import audit
from cases.choices import EDITABLE, UploadStatus
from cases.models import Case, SmearImage, Upload
from cases.selectors.images import same_elsewhere
from cases.services.checks import NOT_EDITABLE
from telepath.core import leases
from telepath.core.errors import NotThere
from telepath.core.events import publish
from telepath.core.storage import (
    delete_below,
    delete_keys,
    discard_interrupted,
    read_chunks,
    save_stream,
)
from telepath.core.tasks import enqueue

_DAMAGED = (
    "What arrived is not what was sent: its SHA-256 differs. Nothing was kept; send the file again."
)
_PARTS_GONE = "A stored part of this file is missing. Nothing was kept; send the file again."


class UploadGone(NotThere):
    """The file was taken back while it was being sent; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__(
            "This file was taken back while it was being sent. Choose it again to send it."
        )


def parts_folder(upload_id: UUID) -> str:
    return f"uploads/{upload_id}"


def original_key(image_id: UUID) -> str:
    """Where the bytes of an image lie as they were sent. No name and no number of a person."""
    return f"originals/{image_id}"


def next_position(case: Case) -> int:
    """The place after all pictures and all files on their way. Call it with the case locked."""
    taken = case.images.aggregate(last=Max("position"))["last"] or 0
    kept = case.uploads.filter(status=UploadStatus.OPEN).aggregate(last=Max("position"))["last"]
    return max(taken, kept or 0) + 1


def upload_finish(*, upload_id: UUID, actor: Actor | None = None) -> Upload:
    """Put the parts together, check the SHA-256, and make the image, or say why not.

    Safe to run twice and beside itself: one at a time holds the row, the image has the id of its
    upload. Whoever comes second gets the upload as it is. Raises `RetryLater` when the store is
    away; nothing is lost then. Raises `UploadGone` when it was given up in the meantime.
    """
    for upload in leases.claim(_whole().filter(pk=upload_id)):
        with leases.at_work(upload, rest=leases.LONG_REST_SECONDS):
            return _put_together(upload, actor)
    found = Upload.objects.filter(pk=upload_id).first()
    if found is None:
        raise UploadGone
    return found


def _put_together(upload: Upload, actor: Actor | None) -> Upload:
    key = original_key(upload.pk)
    try:
        digest, _ = save_stream(key, _bytes_of(upload))
    except FileNotFoundError:
        return _settle(upload, "", actor)
    try:
        return _settle(upload, digest, actor)
    except UploadGone:
        delete_keys([key])
        raise


def upload_finish_later(upload: Upload) -> None:
    """Leave the finishing of a large file to a worker."""
    enqueue("cases.tasks.finish_upload", upload.pk)


def finish_waiting() -> int:
    """Find uploads whose bytes are all safe but whose finishing got lost. Returns how many."""
    return leases.wake(_whole(), "cases.tasks.finish_upload")


def sweep() -> int:
    """Give up files of which nothing came for long, and delete what ended uploads left behind."""
    limit = timezone.now() - datetime.timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    stale = Upload.objects.filter(
        status=UploadStatus.OPEN, offset__lt=F("size"), touched_at__lt=limit
    )
    given_up = stale.update(
        status=UploadStatus.FAILED,
        problem=f"Nothing arrived for {settings.UPLOAD_KEEP_HOURS} hours. Send the file again.",
    )
    for upload in Upload.objects.exclude(status=UploadStatus.OPEN).exclude(parts=[]):
        _discard(upload)
    discard_interrupted(older_than_s=24 * 3600)
    return given_up


def _whole() -> QuerySet[Upload]:
    """All bytes are safe, and no image was made of them yet."""
    return Upload.objects.filter(status=UploadStatus.OPEN, offset=F("size"))


def _bytes_of(upload: Upload) -> Iterator[bytes]:
    for key, _ in upload.parts:
        yield from read_chunks(key)


@transaction.atomic
def _settle(taken: Upload, digest: str, actor: Actor | None) -> Upload:
    """The one transaction that ends an upload. Locks the case before the upload, as all do."""
    case = Case.objects.select_for_update(of=("self",)).filter(uploads=taken.pk).first()
    upload = Upload.objects.select_for_update().filter(pk=taken.pk).first()
    if case is None or upload is None:
        raise UploadGone
    if upload.status != UploadStatus.OPEN or not leases.end(taken):
        return upload
    upload.problem = _refusal(case, upload, digest)
    if not upload.problem:
        upload.image = _known_image(case, digest) or _make_image(case, upload, digest, actor)
    upload.status = UploadStatus.FAILED if upload.problem else UploadStatus.COMPLETE
    upload.save(update_fields=["problem", "image", "status", "touched_at"])
    transaction.on_commit(lambda: _discard(upload), robust=True)
    return upload


def _refusal(case: Case, upload: Upload, digest: str) -> str:
    if not digest:
        return _PARTS_GONE
    if upload.expected_sha256 and upload.expected_sha256 != digest:
        return _DAMAGED
    if case.status not in EDITABLE:
        return NOT_EDITABLE.format(accession=case.accession, status=case.get_status_display())
    return ""


def _known_image(case: Case, digest: str) -> SmearImage | None:
    return SmearImage.objects.filter(case=case, sha256=digest).first()


def _make_image(case: Case, upload: Upload, digest: str, actor: Actor | None) -> SmearImage:
    image = SmearImage.objects.create(
        id=upload.pk,
        case=case,
        position=_place(case, upload),
        filename=upload.filename,
        size=upload.size,
        sha256=digest,
        original_key=original_key(upload.pk),
        uploaded_by_id=upload.created_by_id,
    )
    twins = list(same_elsewhere(case, digest))
    audit.record(
        actor=actor or _uploader(upload),
        action="image.add",
        chain=case.clinic_id,
        obj=image,
        label=f"{case.accession} no. {image.position}",
        after={
            "filename": image.filename,
            "size": image.size,
            "sha256": digest,
            **({"same_as": [str(one.case) for one in twins]} if twins else {}),
        },
    )
    for twin in twins:
        publish(twin.case.audience, "image.same_elsewhere", {"case_id": str(twin.case_id)})
    publish(
        case.audience,
        "image.received",
        {"case_id": str(case.pk), "image_id": str(image.pk), "position": image.position},
    )
    enqueue("cases.tasks.ingest_image", image.pk)
    return image


def _place(case: Case, upload: Upload) -> int:
    """The one kept for it when it was announced, so that pictures stand in the order chosen."""
    kept = upload.position
    if kept is None or case.images.filter(position=kept).exists():
        return next_position(case)
    return kept


def _uploader(upload: Upload) -> Actor:
    return actor_of_user(upload.created_by) if upload.created_by else system("upload")


def _discard(upload: Upload) -> None:
    """Delete the parts, and the original too when no image came of it; then say so in the row."""
    delete_below(parts_folder(upload.pk))
    if upload.image_id != upload.pk:
        delete_keys([original_key(upload.pk)])
    Upload.objects.filter(pk=upload.pk).update(parts=[])
