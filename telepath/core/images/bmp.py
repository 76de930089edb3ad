"""BMP, which libvips's wheel does not read. Pillow does; its header is read here first."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pyvips
from PIL.BmpImagePlugin import BmpImageFile

from telepath.core.images.refusal import damaged

_OS2_CORE_HEADER_BYTES = 12


def extent(path: Path) -> tuple[int, int]:
    """Width and height in pixels that the header at `path` claims. Raises `ImageRefused`."""
    with path.open("rb") as stream:
        head = stream.read(26)
    try:
        if struct.unpack_from("<I", head, 14)[0] == _OS2_CORE_HEADER_BYTES:
            width, height = struct.unpack_from("<HH", head, 18)
        else:
            width, height = struct.unpack_from("<ii", head, 18)
    except struct.error as fault:
        raise damaged("bmp") from fault
    return abs(width), abs(height)  # a negative height only means "stored from the top down"


def read(path: Path) -> pyvips.Image:
    """Decode the BMP at `path`; alpha, if there is any, stays. Raises `ImageRefused`."""
    try:
        # The plug-in itself rather than Image.open: no other parser can be reached through it.
        with BmpImageFile(path) as image:
            colours = image.convert("RGBA" if image.mode == "RGBA" else "RGB")
    except (OSError, SyntaxError, ValueError, KeyError, struct.error) as fault:
        raise damaged("bmp") from fault
    return pyvips.Image.new_from_array(np.asarray(colours)).copy(interpretation="srgb")
