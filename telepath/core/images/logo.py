"""A small picture that is no smear, a logo for example, as a clean PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyvips

from telepath.core.images.header import inspect
from telepath.core.images.limits import ImageLimits
from telepath.core.images.refusal import ImageRefused
from telepath.core.images.sniff import ImageFormat

_READERS: dict[ImageFormat, Callable[..., pyvips.Image]] = {
    "png": pyvips.Image.pngload,
    "jpeg": pyvips.Image.jpegload,
}
_WHITE = 255


def as_png(path: Path, *, longest: int, limits: ImageLimits) -> tuple[bytes, int, int]:
    """(PNG without metadata, on white, upright, at most `longest` pixels long; width; height).

    Only PNG and JPEG are taken. Raises `ImageRefused`.
    """
    header = inspect(path, limits=limits)
    if header.format not in _READERS:
        raise ImageRefused("This kind of picture is not taken here.", code="unsupported_format")
    try:
        return _written(_READERS[header.format](str(path), fail_on="error"), longest)
    except pyvips.Error as fault:
        raise ImageRefused("This picture is damaged.", code="damaged") from fault


def _written(stored: pyvips.Image, longest: int) -> tuple[bytes, int, int]:
    picture = stored.autorot().colourspace("srgb")
    if picture.hasalpha():
        picture = picture.flatten(background=_WHITE)
    fitted = picture.thumbnail_image(longest, height=longest, size="down")
    content: bytes = fitted.cast(pyvips.BandFormat.UCHAR).pngsave_buffer(keep="none")
    return content, fitted.width, fitted.height
