"""What a picture says of itself, read without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from telepath.core.images import bmp, jp2, jpeg, plain, tiff
from telepath.core.images.limits import (
    DEFAULT,
    ImageLimits,
    check_bytes,
    check_cost,
    check_extent,
)
from telepath.core.images.sniff import ImageFormat, sniff
from telepath.core.images.stored import Stored

_SIDEWAYS = range(5, 9)  # EXIF orientations that swap width and height
_READERS = {"jpeg": jpeg.stored, "tiff": tiff.stored, "bmp": bmp.stored, "jp2": jp2.stored}


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """A picture that passed every check that its header allows.

    width, height: pixels as displayed, after EXIF rotation. bit_depth: of one channel, as stored.
    mpp: microns per pixel, None where the file gives none that a microscope could have.
    """

    format: ImageFormat
    width: int
    height: int
    bit_depth: int
    mpp: float | None
    size_bytes: int


def inspect(path: Path, *, name: str = "", limits: ImageLimits = DEFAULT) -> ImageHeader:
    """Read the header at `path`, in little memory whatever it claims. Raises `ImageRefused`.

    name: as the sender called the file, where the path does not say it.
    """
    return checked(path, name=name, limits=limits)[0]


def checked(path: Path, *, name: str, limits: ImageLimits) -> tuple[ImageHeader, Stored]:
    """The header at `path`, and the picture ready to be decoded. Raises `ImageRefused`."""
    size = check_bytes(path, limits)
    kind = sniff(path, name)
    stored = _READERS[kind](path) if kind in _READERS else plain.stored(path, kind)
    width, height = stored.width, stored.height
    if stored.orientation in _SIDEWAYS:
        width, height = height, width
    check_extent(width, height, limits)
    check_cost(
        width * height,
        samples=stored.samples,
        sample_bytes=stored.sample_bytes,
        is_held=stored.is_held,
        limits=limits,
    )
    return ImageHeader(kind, width, height, stored.bit_depth, stored.mpp, size), stored
