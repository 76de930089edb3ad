"""From a file to one array of colours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from telepath.core.images.colour import upright_srgb
from telepath.core.images.header import ImageHeader, checked
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.refusal import damaged
from telepath.core.images.sniff import ImageFormat


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An upright picture: pixels (H, W, 3) uint8 sRGB, with what its header said.

    mpp: microns per pixel or None. bit_depth: of one channel, as stored in the file.
    assumed: sentences about what the file left open and how it was read.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    mpp: float | None
    format: ImageFormat
    bit_depth: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upright:
    """A checked picture as upright sRGB that may be read in any order, many times."""

    header: ImageHeader
    image: pyvips.Image
    assumed: tuple[str, ...]


def decode(path: Path, *, name: str = "", limits: ImageLimits = DEFAULT) -> DecodedImage:
    """Read the picture at `path` whole. Raises `ImageRefused` with a sentence for the sender.

    name: as the sender called the file, where the path does not say it.
    """
    return as_array(upright(path, name=name, limits=limits))


def as_array(picture: Upright) -> DecodedImage:
    """The pixels of `picture` in memory. Raises `ImageRefused`."""
    header = picture.header
    try:
        pixels = np.ascontiguousarray(picture.image.numpy())
    except pyvips.Error as fault:
        raise damaged(header.format) from fault
    height, width = pixels.shape[:2]
    return DecodedImage(
        pixels, width, height, header.mpp, header.format, header.bit_depth, picture.assumed
    )


def upright(path: Path, *, name: str = "", limits: ImageLimits = DEFAULT) -> Upright:
    """The picture at `path`, checked.

    Every pixel of the file has been decoded once when this returns, so a damaged file is refused
    here and not halfway through whatever is made of it.
    """
    header, stored = checked(path, name=name, limits=limits)
    image = stored.read()
    try:
        colours, assumed = upright_srgb(image, stored)
    except pyvips.Error as fault:
        raise damaged(header.format) from fault
    return Upright(header, colours, assumed)
