"""What a file is, by its first bytes. Its name and the sender's word for it are never asked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from telepath.core.images.refusal import ImageRefused

ImageFormat = Literal["jpeg", "png", "bmp", "webp", "tiff"]

_HEAD_BYTES = 1024
_WHAT_TO_SEND = "Send the field as JPEG, PNG, TIFF, BMP or WebP."

_ACCEPTED: tuple[tuple[bytes, ImageFormat], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF, which keeps too few colours to judge cells by and may hold an animation"),
    (b"%PDF", "a PDF document, not a picture"),
    (b"PK\x03\x04", "a ZIP archive or an office document, not a picture"),
    (b"\x1f\x8b", "a compressed archive, not a picture"),
    (b"7z\xbc\xaf", "a 7-Zip archive, not a picture"),
    (b"Rar!", "a RAR archive, not a picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture, which is not read"),
    (b"\xff\x0a", "a JPEG XL picture, which is not read"),
    (b"8BPS", "a Photoshop document, which is not read"),
)


def sniff(path: Path) -> ImageFormat:
    """Name the format of the file at `path`. Raises `ImageRefused` for anything not accepted."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    for magic, name in _ACCEPTED:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    raise _refusal(head)


def _refusal(head: bytes) -> ImageRefused:
    what = _other_kind(head)
    if what is None:
        return ImageRefused(
            f"This file is not a picture, whatever its name says. {_WHAT_TO_SEND}",
            code="not_an_image",
        )
    return ImageRefused(f"This file is {what}. {_WHAT_TO_SEND}", code="unsupported_format")


def _other_kind(head: bytes) -> str | None:
    for magic, what in _KNOWN_OTHERS:
        if head.startswith(magic):
            return what
    if head[128:132] == b"DICM":
        return "a DICOM object, not a plain picture"
    if head[4:8] == b"ftyp":
        return "a phone picture (HEIC or AVIF) or a video, which is not read"
    if b"<svg" in head.lower():
        return "an SVG drawing, not a photograph"
    return None
