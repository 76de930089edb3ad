"""BMP, which libvips's wheel does not read. Pillow does; its header is read here first."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pyvips
from PIL.BmpImagePlugin import BmpImageFile

from telepath.core.images.refusal import ImageRefused, cut, damaged
from telepath.core.images.stored import Stored, from_array

_OS2_CORE_HEADER_BYTES = 12
_UNCOMPRESSED = 0


def stored(path: Path) -> Stored:
    """The picture at `path`, by its header. Raises `ImageRefused`."""
    width, height, _, _ = _header(path)
    return Stored("bmp", width, height, 3, 1, 8, lambda: _read(path), is_held=True)


def _header(path: Path) -> tuple[int, int, int, int]:
    """Width, height, bits of a pixel and compression that the header at `path` claims."""
    with path.open("rb") as stream:
        head = stream.read(34)
    try:
        if struct.unpack_from("<I", head, 14)[0] == _OS2_CORE_HEADER_BYTES:
            width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
            return width, height, bits, _UNCOMPRESSED
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", head, 18)
    except struct.error as fault:
        raise cut("bmp") from fault
    # A negative height only means "stored from the top down".
    return abs(width), abs(height), bits, compression


def _read(path: Path) -> pyvips.Image:
    try:
        # The plug-in itself rather than Image.open: no other parser can be reached through it.
        with BmpImageFile(path) as image:
            colours = image.convert("RGBA" if image.mode == "RGBA" else "RGB")
    except (OSError, SyntaxError, ValueError, KeyError, struct.error) as fault:
        raise _why(path) from fault
    return from_array(np.asarray(colours))


def _why(path: Path) -> ImageRefused:
    width, height, bits, compression = _header(path)
    rows = (width * bits + 31) // 32 * 4 * height
    is_short = compression == _UNCOMPRESSED and path.stat().st_size < rows
    return cut("bmp") if is_short else damaged("bmp")
