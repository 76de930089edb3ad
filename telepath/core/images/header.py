"""What a picture says of itself, read without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyvips

from telepath.core.images import bmp, opening
from telepath.core.images.limits import DEFAULT, ImageLimits, check_bytes, check_extent
from telepath.core.images.resolution import microns_per_pixel
from telepath.core.images.sniff import ImageFormat, sniff

_SIDEWAYS = range(5, 9)  # EXIF orientations that swap width and height


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


def inspect(path: Path, *, limits: ImageLimits = DEFAULT) -> ImageHeader:
    """Read the header at `path`, in little memory whatever it claims. Raises `ImageRefused`."""
    size = check_bytes(path, limits)
    kind = sniff(path)
    header = _bmp_header(path, size) if kind == "bmp" else _vips_header(path, kind, size)
    check_extent(header.width, header.height, limits)
    return header


def _bmp_header(path: Path, size: int) -> ImageHeader:
    width, height = bmp.extent(path)
    return ImageHeader("bmp", width, height, 8, None, size)


def _vips_header(path: Path, kind: ImageFormat, size: int) -> ImageHeader:
    image = opening.open_image(path, kind)
    width, height = _displayed_extent(image)
    return ImageHeader(kind, width, height, _bit_depth(image), microns_per_pixel(image), size)


def _displayed_extent(image: pyvips.Image) -> tuple[int, int]:
    if opening.field(image, "orientation", 1) in _SIDEWAYS:
        return image.height, image.width
    return image.width, image.height


def _bit_depth(image: pyvips.Image) -> int:
    return 16 if image.format == "ushort" else int(opening.field(image, "bits-per-sample", 8))
