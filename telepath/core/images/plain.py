"""PNG and WebP, as libvips reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyvips

from telepath.core.images.refusal import ImageRefused, cut, damaged, unsupported
from telepath.core.images.resolution import microns_per_pixel
from telepath.core.images.sniff import ImageFormat
from telepath.core.images.stored import Stored, field, spooled

_READERS: dict[ImageFormat, Callable[..., pyvips.Image]] = {
    "png": pyvips.Image.pngload,
    "webp": pyvips.Image.webpload,
}


def stored(path: Path, kind: ImageFormat) -> Stored:
    """The picture at `path`, by its header. Raises `ImageRefused`."""
    image = _open(path, kind)
    _refuse_animation(image, path, kind)
    if image.format not in {"uchar", "ushort"}:
        raise unsupported("holds measurements rather than 8 or 16 bit colours")
    deep = image.format == "ushort"
    return Stored(
        kind,
        image.width,
        image.height,
        image.bands,
        1 + deep,
        16 if deep else int(field(image, "bits-per-sample", 8)),
        lambda: _read(path, kind),
        orientation=field(image, "orientation", 1),
        mpp=microns_per_pixel(image),
    )


def _open(path: Path, kind: ImageFormat) -> pyvips.Image:
    try:
        return _READERS[kind](str(path), access="sequential", fail_on="error")
    except pyvips.Error as fault:
        raise _why(path, kind) from fault


def _read(path: Path, kind: ImageFormat) -> pyvips.Image:
    try:
        return spooled(_open(path, kind))
    except pyvips.Error as fault:
        raise _why(path, kind) from fault


def _refuse_animation(image: pyvips.Image, path: Path, kind: ImageFormat) -> None:
    moving = kind == "webp" and field(image, "n-pages", 1) > 1
    if moving or (kind == "png" and _is_animated_png(path)):
        raise ImageRefused(
            "This picture is an animation, and a smear field is one still picture. "
            "Save the frame that you mean as a picture of its own and send that.",
            code="animated",
        )


def _is_animated_png(path: Path) -> bool:
    """APNG announces itself by an acTL chunk before the first IDAT, which is early in the file."""
    with path.open("rb") as stream:
        return b"acTL" in stream.read(1 << 16).split(b"IDAT", 1)[0]


def _why(path: Path, kind: ImageFormat) -> ImageRefused:
    return cut(kind) if _breaks_off(path, kind) else damaged(kind)


def _breaks_off(path: Path, kind: ImageFormat) -> bool:
    """Whether the end that the format calls for is missing."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        if kind == "webp":
            return size < 8 + int.from_bytes(stream.read(8)[4:], "little")
        stream.seek(max(0, size - 4096))
        return b"IEND" not in stream.read()
