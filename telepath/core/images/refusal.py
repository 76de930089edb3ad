"""Why a picture was not taken."""

from __future__ import annotations

from telepath.core.errors import DomainError


class ImageRefused(DomainError):
    """The file cannot be read as a smear field. `message` says what happened and what to do.

    Codes: empty, too_many_bytes, not_an_image, unsupported_format, slide, camera_raw, animated,
    several_pages, too_small, too_elongated, too_many_pixels, too_costly, unsupported_pixels,
    damaged, cut.
    """

    status = 422
    default_code = "damaged"


def damaged(kind: str) -> ImageRefused:
    """The refusal of a file that is as long as it should be, but contradicts itself."""
    return ImageRefused(
        f"This {kind.upper()} file is damaged: its data contradict themselves, so part of the "
        "picture cannot be trusted. Export it again from the microscope's software and send the "
        "new file.",
        code="damaged",
    )


def cut(kind: str) -> ImageRefused:
    """The refusal of a file whose end is missing."""
    return ImageRefused(
        f"This {kind.upper()} file breaks off before its end, so part of the picture is missing. "
        "Copy it again from the microscope's computer, or export it again, and send the new file.",
        code="cut",
    )


def unsupported(what: str) -> ImageRefused:
    """The refusal of a whole picture of a kind that is not read. what: "stores ..." """
    return ImageRefused(
        f"This picture {what}, and no such picture is read here. Export it in colour (RGB, 8 bit) "
        "as TIFF (LZW), PNG or JPEG, and send that.",
        code="unsupported_pixels",
    )


def camera_raw() -> ImageRefused:
    """The refusal of what a camera's sensor measured before any colours were made of it."""
    return ImageRefused(
        "This file is a camera's raw recording: it holds what the sensor measured, and only a "
        "small preview is a picture. Develop it with the camera's software and send the JPEG or "
        "TIFF.",
        code="camera_raw",
    )


def slide(kind: str) -> ImageRefused:
    """The refusal of a whole slide or a part of one. kind: what it is, with its article."""
    return ImageRefused(
        f"This file is {kind}, not a field. Open the slide in its viewer, go to the fields that "
        "you mean, export each at full magnification, and send those.",
        code="slide",
    )
