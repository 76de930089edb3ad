"""Why a picture was not taken."""

from __future__ import annotations

from telepath.core.errors import DomainError


class ImageRefused(DomainError):
    """The file cannot be read as a smear field. `message` says what happened and what to do.

    Codes: empty, too_many_bytes, not_an_image, unsupported_format, animated, several_pages,
    too_small, too_elongated, too_many_pixels, unsupported_pixels, damaged.
    """

    status = 422
    default_code = "damaged"


def damaged(kind: str) -> ImageRefused:
    """The refusal of a file of which a part is missing, contradictory or unreadable."""
    return ImageRefused(
        f"This {kind.upper()} file is damaged or breaks off before its end, so part of the picture "
        "is missing. Export it again from the microscope's software and send the new file.",
        code="damaged",
    )
