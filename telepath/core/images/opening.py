"""Opening a file with exactly the reader that its content calls for, and no other.

Only five readers are named here. The rest of libvips (vector, PDF, whole-slide and foreign
readers) is blocked besides, so that no crafted file can reach their parsers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyvips

from telepath.core.images.refusal import ImageRefused, damaged
from telepath.core.images.sniff import ImageFormat

pyvips.block_untrusted_set(True)
# Each upload is read once: a cache would only hold files open and confuse one path with the next.
pyvips.cache_set_max(0)

_READERS: dict[ImageFormat, Callable[..., pyvips.Image]] = {
    "jpeg": pyvips.Image.jpegload,
    "png": pyvips.Image.pngload,
    "webp": pyvips.Image.webpload,
    "tiff": pyvips.Image.tiffload,
}
# libjpeg only warns of scrambled data and paints grey over it; a cell must not be judged on that.
# libtiff and libpng warn of harmless private tags, so there only errors count.
_FAIL_ON: dict[ImageFormat, str] = {"jpeg": "warning"}
_READABLE_PIXELS = frozenset({"uchar", "ushort"})
_READABLE_COLOURS = frozenset({"b-w", "grey16", "rgb", "srgb", "rgb16", "cmyk"})


@contextmanager
def reading(kind: ImageFormat) -> Iterator[None]:
    """Turn a fault of libvips inside the block into one sentence for the sender."""
    try:
        yield
    except pyvips.Error as fault:
        raise damaged(kind) from fault


def open_image(path: Path, kind: ImageFormat) -> pyvips.Image:
    """Open the one picture at `path`, not decoded yet, to be read from top to bottom once.

    Raises `ImageRefused` for animations, several pages, and pixels that are no 8 or 16 bit colour.
    """
    with reading(kind):
        image = _READERS[kind](str(path), access="sequential", fail_on=_FAIL_ON.get(kind, "error"))
    _refuse_animation(image, path, kind)
    _refuse_pages(image, path, kind)
    _refuse_pixels(image)
    return image


def field(image: pyvips.Image, name: str, default: Any) -> Any:
    """A header field of `image`, or `default` where the file has none."""
    return image.get(name) if image.get_typeof(name) else default


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


def _refuse_pages(image: pyvips.Image, path: Path, kind: ImageFormat) -> None:
    """Further pages may only be smaller copies of the first; anything else would be lost unseen."""
    pages = int(field(image, "n-pages", 1)) if kind == "tiff" else 1
    if pages > 1 and not _is_pyramid(image, path, pages):
        raise ImageRefused(
            f"This TIFF holds {pages} pictures, and only one can be a field. "
            "Save each of them as a file of its own and send those.",
            code="several_pages",
        )


def _is_pyramid(image: pyvips.Image, path: Path, pages: int) -> bool:
    if pages > 32:
        return False
    with reading("tiff"):
        rest = [pyvips.Image.tiffload(str(path), page=page) for page in range(1, pages)]
    return all(_is_smaller_copy(page, image) for page in rest)


def _is_smaller_copy(page: pyvips.Image, whole: pyvips.Image) -> bool:
    narrowed, lowered = page.width / whole.width, page.height / whole.height
    return narrowed < 1 and abs(narrowed - lowered) < 0.02


def _refuse_pixels(image: pyvips.Image) -> None:
    if image.format not in _READABLE_PIXELS or image.interpretation not in _READABLE_COLOURS:
        raise ImageRefused(
            "The pixels of this picture are measurements rather than 8 or 16 bit colours. "
            "Export it in colour (RGB, 8 or 16 bit) and send that.",
            code="unsupported_pixels",
        )
