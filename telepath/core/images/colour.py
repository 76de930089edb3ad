"""From whatever a camera stored to upright 8 bit sRGB on white."""

from __future__ import annotations

import numpy as np
import pyvips

from telepath.core.images.stored import Stored

_WHITE = [255, 255, 255]
_COLOUR_BANDS = {"b-w": 1, "grey16": 1, "cmyk": 4}
# Cameras store fewer bits than 16 in files of 16. A bright field always nears its white point, so
# values far below 65,535 mean a shorter scale, not a dark picture.
_CAMERA_BITS = (8, 10, 11, 12, 13, 14)
_BRIGHT_SHARE = 0.99
"""So much of a picture lies below its white point; hot pixels and printed marks may lie above."""
_HIDING_SHARE = 0.01
"""A picture that its transparency leaves less visible than this was not meant to be transparent."""

_SCALED = (
    "The file stores 16 bits and uses {bits} of them: the brightness was scaled to {bits} bits."
)
_UNHIDDEN = "The file says that all of the picture is transparent: that was ignored."


def upright_srgb(image: pyvips.Image, stored: Stored) -> tuple[pyvips.Image, tuple[str, ...]]:
    """Turn, convert and flatten `image`, decoded from `stored`: three bands of uchar, lazily.

    EXIF rotation is applied, an embedded ICC profile is honoured (CMYK without one is taken as
    coated offset print), alpha is laid on white. Nothing but pixels remains. Beside it: sentences
    that say what had to be assumed.
    """
    image, scaled = _stretched(image.autorot(), stored.scale_bits)
    image, unhidden = _without_idle_samples(image, stored)
    image = _to_srgb(image)
    if image.hasalpha():
        if stored.alpha == "premultiplied":
            image = image.unpremultiply()
        image = image.flatten(background=_WHITE)
    return image.extract_band(0, n=3).cast("uchar"), scaled + unhidden


def _stretched(image: pyvips.Image, told: int | None) -> tuple[pyvips.Image, tuple[str, ...]]:
    if image.format != "ushort":
        return image, ()
    bits = told or _bits_used(image)
    if bits >= 16:
        return image, ()
    scaled = image.linear(1 << (16 - bits), 0).cast("ushort")  # saturates
    said = () if told else (_SCALED.format(bits=bits),)
    return scaled.copy(interpretation=image.interpretation), said


def _bits_used(image: pyvips.Image) -> int:
    counts = image.hist_find()
    reached = np.cumsum(counts.numpy().reshape(counts.width, -1).sum(axis=1, dtype=np.int64))
    bright = int(np.searchsorted(reached, _BRIGHT_SHARE * reached[-1]))
    return next((bits for bits in _CAMERA_BITS if bright < 1 << bits), 16)


def _without_idle_samples(
    image: pyvips.Image, stored: Stored
) -> tuple[pyvips.Image, tuple[str, ...]]:
    """Leave out what is neither colour nor opacity, and an opacity that hides everything."""
    colours = _COLOUR_BANDS.get(image.interpretation, 3)
    if image.bands <= colours:
        return image, ()
    if stored.alpha == "none":
        return image.extract_band(0, n=colours), ()
    opaque = 65_535 if image.format == "ushort" else 255
    if image.extract_band(colours).avg() < _HIDING_SHARE * opaque:
        return image.extract_band(0, n=colours), (_UNHIDDEN,)
    return image.extract_band(0, n=colours + 1), ()


def _to_srgb(image: pyvips.Image) -> pyvips.Image:
    if image.interpretation == "cmyk":
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", depth=8)
    if image.get_typeof("icc-profile-data"):
        try:
            return image.icc_transform("srgb", embedded=True, depth=8)
        except pyvips.Error:  # a broken profile: the numbers are then taken as sRGB, as viewers do
            image = image.copy()
    return image.colourspace("srgb")
