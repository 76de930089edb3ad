"""One picture inside a file, as its header describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyvips
from numpy.typing import NDArray

from telepath.core.images.sniff import ImageFormat

Alpha = Literal["none", "straight", "premultiplied"]
"""What samples beyond the colours mean: nothing, opacity, or opacity that is in the colours too."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is not decoded yet. width, height: pixels as stored, before any turning.

    samples, sample_bytes, bit_depth: of one pixel, as stored. orientation: EXIF's, 1 = upright.
    scale_bits: bits that the values use, where the file says so. mpp: microns per pixel or None.
    is_held: whether `read` keeps the whole picture in memory. read: decodes every pixel once, so
    that a damaged file is refused there, and returns what may be read in any order, many times;
    `orientation` is a field of it, if it is not 1. Raises `ImageRefused`.
    """

    kind: ImageFormat
    width: int
    height: int
    samples: int
    sample_bytes: int
    bit_depth: int
    read: Callable[[], pyvips.Image]
    orientation: int = 1
    scale_bits: int | None = None
    alpha: Alpha = "straight"
    mpp: float | None = None
    is_held: bool = False


# Above this a picture is spooled to a temporary file and read from there, not held in memory.
_MEMORY_PIXELS = 16_000_000


def spooled(image: pyvips.Image) -> pyvips.Image:
    """Decode `image`, which can be read once, into what can be read in any order. Raises Error."""
    if image.width * image.height <= _MEMORY_PIXELS:
        return image.copy_memory()
    spool = pyvips.Image.new_temp_file("%s.v")
    image.write(spool)
    return spool


def field(image: pyvips.Image, name: str, default: Any) -> Any:
    """A header field of `image`, or `default` where the file has none."""
    return image.get(name) if image.get_typeof(name) else default


def from_array(pixels: NDArray[Any], *, orientation: int = 1) -> pyvips.Image:
    """(H, W) or (H, W, n) uint8 or uint16 as grey or colours that libvips knows as such."""
    deep = pixels.dtype == np.uint16
    is_grey = pixels.ndim == 2 or pixels.shape[2] < 3
    named = ("grey16" if deep else "b-w") if is_grey else ("rgb16" if deep else "srgb")
    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation=named)
    if orientation != 1:
        image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return image
