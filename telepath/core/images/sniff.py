"""What a file is, by its first bytes. The sender's word for it is never asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from telepath.core.images.refusal import ImageRefused, camera_raw, slide

ImageFormat = Literal["jpeg", "png", "bmp", "webp", "tiff", "jp2"]

_HEAD_BYTES = 1024
_WHAT_TO_SEND = "Send the field as JPEG, PNG, TIFF, BMP, WebP or JPEG 2000."

_ACCEPTED: tuple[tuple[bytes, ImageFormat], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\0\0\0\x0cjP  ", "jp2"),
)
_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF, which keeps too few colours to judge cells by and may hold an animation"),
    (b"%PDF", "a PDF document, not a picture"),
    (b"PK\x03\x04", "a ZIP archive or an office document, not a picture"),
    (b"\x1f\x8b", "a compressed archive, not a picture"),
    (b"7z\xbc\xaf", "a 7-Zip archive, not a picture"),
    (b"Rar!", "a RAR archive, not a picture"),
    (b"\xff\x0a", "a JPEG XL picture, which is not read"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture, which is not read"),
    (b"8BPS", "a Photoshop document, which is not read"),
    (b"II\xbc\x01", "a JPEG XR picture, which is not read"),
    (b"\x89HDF", "an HDF5 container, not a picture"),
)
_CAMERA_RAW = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")
_SLIDES: tuple[tuple[bytes, str], ...] = (
    (b"ZISRAWFILE", "a Zeiss slide (CZI)"),
    (b"SIS\0", "a part of an Olympus slide (VSI)"),
    (b"[Virtual Microscope Specimen]", "a part of a Hamamatsu slide (VMS)"),
    (b"[Uncompressed Virtual Microscope Specimen]", "a part of a Hamamatsu slide (VMU)"),
    (b"[GENERAL]", "a part of a 3DHISTECH slide (MRXS)"),
)
# The overview inside these is an ordinary picture: nothing but the ending tells it from a field.
_SLIDE_ENDINGS = {
    ".mrxs": "the overview of a 3DHISTECH slide (MRXS), whose fields lie in the folder beside it",
    ".vms": "a part of a Hamamatsu slide (VMS)",
    ".vsi": "the overview of an Olympus slide (VSI), whose fields lie in the folder beside it",
}
_DICOM_VR = re.compile(rb"(?:A[EST]|C[S]|D[AST]|I[S]|L[OT]|O[BW]|P[N]|S[HLSTV]|T[M]|U[ILST])")


def sniff(path: Path, name: str = "") -> ImageFormat:
    """Name the format of the file at `path`. Raises `ImageRefused` for anything not accepted.

    name: as the sender called it. It can only add a doubt: a picture called as a slide's overview.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if overview := _SLIDE_ENDINGS.get(Path(name or path.name).suffix.lower()):
        raise slide(overview)
    if head[8:10] == b"CR" or head.startswith(_CAMERA_RAW) or head[4:11] == b"ftypcrx":
        raise camera_raw()
    for magic, kind in _ACCEPTED:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    raise _refusal(head)


def _refusal(head: bytes) -> ImageRefused:
    for magic, part in _SLIDES:
        if head.lstrip(b"\xef\xbb\xbf\r\n").startswith(magic):
            return slide(part)
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
    if head[128:132] == b"DICM" or _is_bare_dicom(head):
        return "a DICOM object, not a plain picture"
    if head[4:8] == b"ftyp":
        return "a phone picture (HEIC or AVIF) or a video, which is not read"
    if b"<svg" in head.lower():
        return "an SVG drawing, not a photograph"
    return None


def _is_bare_dicom(head: bytes) -> bool:
    """DICOM without its preamble begins with a data element of group 2 or 8 (PS3.5, 7.1)."""
    group, element = head[:2], int.from_bytes(head[2:4], "little")
    if group not in (b"\x02\0", b"\x08\0") or element > 0x3000 or len(head) < 16:
        return False
    if _DICOM_VR.fullmatch(head[4:6]):
        return True
    implicit_length = int.from_bytes(head[4:8], "little")
    return implicit_length <= 128 and head[8 + implicit_length :][:2] in (b"\x02\0", b"\x08\0")
