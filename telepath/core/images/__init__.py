"""Pictures from strangers: recognised by content, checked before decoding, made one kind of pixel.

Free of Django and Keras, so that the engine and the command line use the same door as the web.
"""

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
from telepath.core.images.refusal import ImageRefused

__all__ = [
    "DEFAULT",
    "DecodedImage",
    "DisplayFiles",
    "DisplayPicture",
    "ImageHeader",
    "ImageLimits",
    "ImageRefused",
    "TilePyramid",
    "decode",
    "inspect",
    "media_type",
    "write_display",
]
