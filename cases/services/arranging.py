"""The order of the pictures of a draft, as its clinic wants it read."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from accounts.actors import Actor
from accounts.policy import require
from accounts.services import audit
from cases.models import Case, SmearImage
from cases.services.intake import editable_case
from cases.services.review import require_now
from telepath.core.errors import Invalid
from telepath.core.events import publish

_ASIDE = 1_000_000
"""Beyond any place of a case: two rows never meet at one number while they change places."""
ACTION = "image.move"


@transaction.atomic
def image_move(*, actor: Actor, image: SmearImage, to: int) -> None:
    """Make `image` the picture number `to` (1, 2, 3 ...) of its draft. Asked twice, it stays there.

    Raises `Invalid` for a place that is none, `Conflict` once the case was submitted: readers know
    pictures by their numbers.
    """
    require(actor, ACTION, image)
    case = editable_case(image.case)
    require_now(actor, ACTION, case)
    images = list(case.images.order_by("position"))
    if not 1 <= to <= len(images):
        raise Invalid(f"There is no place {to} among {len(images)} pictures.", field="to")
    wanted = [one for one in images if one.pk != image.pk]
    wanted.insert(to - 1, image)
    if [one.pk for one in wanted] == [one.pk for one in images]:
        return
    before = image.position
    _renumber(case, wanted, [one.position for one in images])
    audit.record(
        actor=actor,
        action=ACTION,
        chain=case.clinic_id,
        obj=image,
        label=f"{case.accession} no. {before}",
        before={"position": before},
        after={"position": image.position},
    )
    content = {"case_id": str(case.pk), "image_id": str(image.pk), "position": image.position}
    publish(case.audience, "image.moved", content)


def _renumber(case: Case, images: Sequence[SmearImage], places: Sequence[int]) -> None:
    """The same numbers in another order; those of removed pictures and of uploads stay theirs."""
    case.images.update(position=F("position") + _ASIDE)
    for image, place in zip(images, places, strict=True):
        image.position = place
    SmearImage.objects.bulk_update(images, ["position"])
