"""From stored bytes to a picture that people may look at, or a reason why not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require
from accounts.services import audit
from cases.choices import ImageStatus
from cases.models import Case, SmearImage, Upload
from cases.services.intake import editable_case
from cases.services.submission import advance
from telepath.core import leases
from telepath.core.errors import Conflict
from telepath.core.events import publish
from telepath.core.images import DisplayFiles, ImageRefused
from telepath.core.images.apart import Prepared, prepare
from telepath.core.storage import delete_below, delete_keys, local_copy, put_file

DECODED_PIXELS = 30_000_000
"""Above this, quality is measured on the display picture, to keep the worker's memory small."""

_GONE = "The stored file is missing. Remove this picture and send it again."
_GAVE_UP = (
    "This picture could not be checked, although it was tried {attempts} times. The file itself is "
    "kept. Remove it and send it again; if that fails too, tell your administrator."
)


def image_folder(image_id: UUID) -> str:
    return f"images/{image_id}"


def image_ingest(*, image_id: UUID) -> None:
    """Check one received image and make the pictures that browsers are given.

    Safe to run twice: one attempt at a time holds the row, and only the holder writes to it. Ends
    as ready or refused, with an event; a fault leaves the row to the next attempt, up to a cap.
    """
    _ingest(_received().filter(pk=image_id))


def ingest_waiting() -> int:
    """Check the image that waits longest, if there is one. Returns how many: one or none."""
    return _ingest(_received().order_by("due_at"))


def _ingest(rows: QuerySet[SmearImage]) -> int:
    taken = leases.claim(rows.filter(attempt__lt=settings.RUN_MAX_ATTEMPTS))
    for image in taken:
        with leases.at_work(image):
            _check(image)
    return len(taken)


@transaction.atomic
def image_remove(*, actor: Actor, image: SmearImage) -> None:
    """Take a picture out of a case that is still the clinic's. Raises `Conflict` otherwise."""
    require(actor, "image.add", image)
    case = editable_case(image.case)
    if image.corrections.exists():
        raise Conflict(
            f"A reader has worked on picture no. {image.position}, so it stays in the case. "
            "Add further pictures instead.",
            code="image_read",
        )
    audit.record(
        actor=actor,
        action="image.remove",
        chain=case.clinic_id,
        obj=image,
        label=f"{case.accession} no. {image.position}",
        before={"filename": image.filename, "sha256": image.sha256},
    )
    pk, key = image.pk, image.original_key
    Upload.objects.filter(image=pk).delete()
    SmearImage.objects.filter(pk=pk).delete()
    _publish(case, "image.removed", pk, position=image.position)
    transaction.on_commit(lambda: _delete_files(pk, key), robust=True)


def sweep() -> int:
    """Send again what waits to be checked and is in nobody's hands. Returns how many images."""
    for image in leases.expired(_received().filter(attempt__gte=settings.RUN_MAX_ATTEMPTS)):
        _give_up(image)
    return leases.wake(_received(), "cases.tasks.ingest_image")


def _received() -> QuerySet[SmearImage]:
    return SmearImage.objects.filter(status=ImageStatus.RECEIVED)


def _check(image: SmearImage) -> None:
    try:
        values = _make_pictures(image)
    except ImageRefused as refusal:
        _finish(image, ImageStatus.REFUSED, _why(refusal.code, refusal.message))
    except FileNotFoundError:
        _finish(image, ImageStatus.REFUSED, _why("missing", _GONE))
    except leases.PASSING:
        raise
    except Exception:
        if image.attempt >= settings.RUN_MAX_ATTEMPTS:
            _give_up(image)
        raise
    else:
        _finish(image, ImageStatus.READY, values)


def _make_pictures(image: SmearImage) -> dict[str, Any]:
    """Display picture, thumbnail, tiles and quality of `image`, stored; the values for its row."""
    with (
        local_copy(image.original_key) as path,
        prepare(path, name=image.filename, most_pixels=DECODED_PIXELS) as made,
    ):
        files = made.files
        for relative in files.files:
            put_file(f"{image_folder(image.pk)}/{relative.as_posix()}", files.folder / relative)
        quality = _quality(made)
    return {
        "format": made.header.format,
        "width": files.width,
        "height": files.height,
        "mpp": made.header.mpp,
        "quality": quality,
        **_keys(image.pk, files),
    }


def _keys(image_id: UUID, files: DisplayFiles) -> dict[str, str]:
    folder = image_folder(image_id)
    return {
        "display_key": f"{folder}/{files.display.path.name}",
        "thumbnail_key": f"{folder}/{files.thumbnail.path.name}",
        "tiles_prefix": f"{folder}/{files.tiles.descriptor.stem}" if files.tiles else "",
    }


def _quality(made: Prepared) -> dict[str, Any]:
    from inference.engine.quality import measure_picture, size_warnings  # OpenCV: workers only

    quality = asdict(measure_picture(made.pixels))
    too_large = [asdict(one) for one in size_warnings(made.files.width, made.files.height)]
    return {
        **quality,
        "warnings": [*quality["warnings"], *too_large],
        "assumed": list(made.assumed),
    }


def _why(code: str, message: str) -> dict[str, Any]:
    return {"refusal_code": code, "refusal": message}


def _give_up(image: SmearImage) -> None:
    why = _why("attempts", _GAVE_UP.format(attempts=image.attempt))
    _finish(image, ImageStatus.REFUSED, why)


@transaction.atomic
def _finish(image: SmearImage, status: ImageStatus, values: dict[str, Any]) -> None:
    """End the check, if this attempt still holds the row; move the case on if it waited for it."""
    case = Case.objects.select_for_update().get(pk=image.case_id)
    if not leases.end(image, status=status, checked_at=timezone.now(), **values):
        return
    advance(case)
    warnings = [warning["code"] for warning in values.get("quality", {}).get("warnings", ())]
    _publish(case, f"image.{status}", image.pk, position=image.position, warnings=warnings)


def _publish(case: Case, kind: str, image_id: UUID, **payload: Any) -> None:
    content = {"case_id": str(case.pk), "image_id": str(image_id), **payload}
    publish(case.audience, kind, content)


def _delete_files(image_id: UUID, original: str) -> None:
    delete_below(image_folder(image_id))
    delete_keys([original])
