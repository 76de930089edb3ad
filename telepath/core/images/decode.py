"""From a file to one array of colours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from telepath.core.images import bmp, opening
from telepath.core.images.colour import upright_srgb
from telepath.core.images.header import ImageHeader, inspect
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.sniff import ImageFormat

# Above this a picture is spooled to a temporary file and read from there, not held in memory.
_MEMORY_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An upright picture: pixels (H, W, 3) uint8 sRGB, with what its header said.

    mpp: microns per pixel or None. bit_depth: of one channel, as stored in the file.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    mpp: float | None
    format: ImageFormat
    bit_depth: int


def decode(path: Path, *, limits: ImageLimits = DEFAULT) -> DecodedImage:
    """Read the picture at `path` whole. Raises `ImageRefused` with a sentence for the sender."""
    header, image = upright(path, limits=limits)
    with opening.reading(header.format):
        pixels = np.ascontiguousarray(image.numpy())
    height, width = pixels.shape[:2]
    return DecodedImage(pixels, width, height, header.mpp, header.format, header.bit_depth)


def upright(path: Path, *, limits: ImageLimits = DEFAULT) -> tuple[ImageHeader, pyvips.Image]:
    """The checked picture at `path` as upright sRGB that may be read in any order, many times.

    Every pixel of the file has been decoded once when this returns, so a damaged file is refused
    here and not halfway through whatever is made of it.
    """
    header = inspect(path, limits=limits)
    if header.format == "bmp":
        return header, upright_srgb(bmp.read(path))
    stored = opening.open_image(path, header.format)
    with opening.reading(header.format):
        return header, upright_srgb(_spooled(stored))


def _spooled(image: pyvips.Image) -> pyvips.Image:
    if image.width * image.height <= _MEMORY_PIXELS:
        return image.copy_memory()
    spool = pyvips.Image.new_temp_file("%s.v")
    image.write(spool)
    return spool
