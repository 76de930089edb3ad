"""How much of a picture is accepted, checked on the header before any pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from telepath.core.images.refusal import ImageRefused


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Bounds of an acceptable picture.

    max_bytes: size of the file. max_pixels: width x height.
    max_decoded_bytes: pixels x samples x bytes of a sample, as the file stores them; this much
    passes through a temporary file.
    max_held_pixels: width x height of a kind that its reader can only hold in memory whole.
    min_side_px: shorter side; below it no whole white cell fits.
    max_aspect: longer by shorter side.
    """

    max_bytes: int = 2 * 1024**3
    max_pixels: int = 300_000_000
    max_decoded_bytes: int = 1_200_000_000
    max_held_pixels: int = 64_000_000
    min_side_px: int = 48
    max_aspect: float = 12.0


DEFAULT = ImageLimits()


def check_bytes(path: Path, limits: ImageLimits) -> int:
    """Return the file's size in bytes. Raises `ImageRefused` when there are none or too many."""
    size = path.stat().st_size
    if size == 0:
        raise ImageRefused(
            "This file is empty: nothing arrived. Check the file on your computer "
            "and send it again.",
            code="empty",
        )
    if size > limits.max_bytes:
        raise ImageRefused(
            f"This file has {_bytes(size)}, and at most {_bytes(limits.max_bytes)} are accepted. "
            "Export single fields, or save it compressed, and send those.",
            code="too_many_bytes",
        )
    return size


def check_extent(width: int, height: int, limits: ImageLimits) -> None:
    """Refuse a picture of `width` x `height` pixels that is too small, too long, or too large."""
    said = f"This picture is {width:,} x {height:,} pixels"
    if min(width, height) < limits.min_side_px:
        raise ImageRefused(
            f"{said}, and at least {limits.min_side_px} on the shorter side are needed "
            "to see a cell. Send the picture as the camera saved it, not a preview of it.",
            code="too_small",
        )
    if max(width, height) > limits.max_aspect * min(width, height):
        raise ImageRefused(
            f"{said}, a strip rather than a field. Send the whole field of view.",
            code="too_elongated",
        )
    if width * height > limits.max_pixels:
        raise ImageRefused(
            f"{said}, and at most {limits.max_pixels // 1_000_000} million are accepted in one "
            "picture. Send it as several fields.",
            code="too_many_pixels",
        )


def check_cost(
    pixels: int, *, samples: int, sample_bytes: int, is_held: bool, limits: ImageLimits
) -> None:
    """Refuse what would cost more memory, disk or time than any field is worth.

    is_held: whether the reader of this kind keeps the whole picture in memory.
    """
    decoded = pixels * samples * sample_bytes
    if decoded > limits.max_decoded_bytes:
        raise ImageRefused(
            f"This picture has {_bytes(decoded)} once unpacked ({pixels / 1e6:,.0f} million pixels "
            f"of {samples} channels), and at most {_bytes(limits.max_decoded_bytes)} are accepted. "
            "Export it in colour (RGB, 8 bit), as several fields, and send those.",
            code="too_costly",
        )
    if is_held and pixels > limits.max_held_pixels:
        raise ImageRefused(
            f"This picture has {pixels / 1e6:,.0f} million pixels; of this kind of file at most "
            f"{limits.max_held_pixels / 1e6:,.0f} million are read. Export it as JPEG, PNG or TIFF "
            "(LZW), or as several fields, and send that.",
            code="too_costly",
        )


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"
