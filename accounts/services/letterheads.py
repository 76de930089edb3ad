"""What a laboratory's reports carry at their head: address, telephone, e-mail and logo."""

from __future__ import annotations

import hashlib
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.actors import Actor
from accounts.choices import OrganisationKind
from accounts.models import Letterhead, Organisation
from accounts.policy import require_in
from accounts.services import audit
from telepath.core.errors import Invalid
from telepath.core.images import ImageLimits, ImageRefused, as_png
from telepath.core.storage import put

LOGO_BYTES = 1 << 20
_LIMITS = ImageLimits(max_bytes=LOGO_BYTES, max_pixels=16_000_000, min_side_px=24, max_aspect=12)
_LONGEST_PX = 1200
_REFUSED = (
    "This file is not taken as a logo. Send a PNG or JPEG picture of at most 1 MB, with 24 to "
    "4,000 pixels on each side; save a drawing (SVG, PDF) as PNG. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class _Logo:
    key: str
    sha256: str
    width: int
    height: int


@transaction.atomic
def letterhead_set(
    *,
    actor: Actor,
    laboratory: Organisation,
    address: str,
    telephone: str,
    email: str,
    logo: BinaryIO | None = None,
    remove_logo: bool = False,
) -> Letterhead:
    """Set it for reports that are signed from now on; signed ones keep theirs, logo included.

    The same again changes nothing and leaves no event. Raises `Invalid` naming the field.
    """
    require_in(actor, "letterhead.edit", laboratory.pk)
    if laboratory.kind != OrganisationKind.LABORATORY:
        raise Invalid("Reports carry the head of a laboratory, and this is a clinic.")
    old, _ = Letterhead.objects.select_for_update().get_or_create(laboratory=laboratory)
    before = _told(old)
    old.address, old.telephone, old.email = address.strip(), telephone.strip(), _known(email)
    if logo is not None:
        _hang(old, _stored(laboratory, logo))
    elif remove_logo:
        _hang(old, _Logo("", "", 0, 0))
    if (after := _told(old)) != before:
        old.save()
        audit.record(
            actor=actor,
            action="letterhead.edit",
            chain=laboratory.pk,
            obj=laboratory,
            before=before,
            after=after,
        )
    return old


def _told(letterhead: Letterhead) -> dict[str, str]:
    return {
        "address": letterhead.address,
        "telephone": letterhead.telephone,
        "email": letterhead.email,
        "logo": letterhead.logo_sha256,
    }


def _known(email: str) -> str:
    email = email.strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise Invalid("This is not an e-mail address.", field="email") from error
    return email


def _hang(letterhead: Letterhead, logo: _Logo) -> None:
    letterhead.logo_key, letterhead.logo_sha256 = logo.key, logo.sha256
    letterhead.logo_width, letterhead.logo_height = logo.width, logo.height


def _stored(laboratory: Organisation, logo: BinaryIO) -> _Logo:
    """The logo decoded and written anew, so that nothing of the sender's file is served or printed.

    The key holds the hash: reports that were signed with an older logo still find it.
    """
    with tempfile.NamedTemporaryFile(prefix="telepath-logo-") as file:
        file.write(logo.read(LOGO_BYTES + 1))
        file.flush()
        try:
            content, width, height = as_png(Path(file.name), longest=_LONGEST_PX, limits=_LIMITS)
        except ImageRefused as error:
            raise Invalid(_REFUSED, field="logo") from error
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"letterheads/{laboratory.pk}/{sha256[:32]}.png"
    put(key, io.BytesIO(content))
    return _Logo(key, sha256, width, height)
