"""Pictures from strangers: recognised by content, checked before decoding, made one kind of pixel.

Free of Django and Keras, so that the engine and the command line use the same door as the web.
"""

import os

os.environ.setdefault("VIPS_WARNING", "0")  # any value: no warnings; read when libvips starts

import pyvips

from telepath.core.images.decode import DecodedImage, decode
from telepath.core.images.display import (
    DisplayFiles,
    DisplayPicture,
    TilePyramid,
    media_type,
    write_display,
)
from telepath.core.images.header import ImageHeader, inspect
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.logo import as_png
from telepath.core.images.refusal import ImageRefused

# Only the readers that are named in this package; vector, PDF, whole-slide and foreign ones stay
# blocked besides, so that no crafted file can reach their parsers.
pyvips.block_untrusted_set(True)
# Each upload is read once: a cache would only hold files open and confuse one path with the next.
pyvips.cache_set_max(0)
# libvips tells its log from whatever thread it is in, and would call Python there: code that may
# collect garbage, and close pictures, in the middle of libvips, which has hung and aborted. Every
# fault that it would tell is refused, or mended, with a sentence here.
pyvips._remove_log_handler()

__all__ = [
    "DEFAULT",
    "DecodedImage",
    "DisplayFiles",
    "DisplayPicture",
    "ImageHeader",
    "ImageLimits",
    "ImageRefused",
    "TilePyramid",
    "as_png",
    "decode",
    "inspect",
    "media_type",
    "write_display",
]
