"""From whatever a camera stored to upright 8 bit sRGB on white."""

from __future__ import annotations

import pyvips

_WHITE = [255, 255, 255]
# Cameras store 12 and 14 bit values in 16 bit files. A bright field always nears its white point,
# so a maximum far below 65,535 means a shorter scale, not a dark picture.
_CAMERA_BITS = (12, 14)


def upright_srgb(image: pyvips.Image) -> pyvips.Image:
    """Turn, convert and flatten a randomly readable `image`; three bands of uchar, lazily computed.

    EXIF rotation is applied, an embedded ICC profile is honoured (CMYK without one is taken as
    coated offset print), alpha is laid on white. Nothing but pixels remains.
    """
    colours = _to_srgb(_stretched(image.autorot()))
    if colours.hasalpha():
        colours = colours.flatten(background=_WHITE)
    return colours.extract_band(0, n=3).cast("uchar")


def _stretched(image: pyvips.Image) -> pyvips.Image:
    if image.format != "ushort":
        return image
    brightest = image.max()
    bits = next((bits for bits in _CAMERA_BITS if brightest < 1 << bits), 16)
    return image if bits == 16 else (image << (16 - bits)).copy(interpretation=image.interpretation)


def _to_srgb(image: pyvips.Image) -> pyvips.Image:
    if image.interpretation == "cmyk":
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", depth=8)
    if image.get_typeof("icc-profile-data"):
        try:
            return image.icc_transform("srgb", embedded=True, depth=8)
        except pyvips.Error:  # a broken profile: the numbers are then taken as sRGB, as viewers do
            image = image.copy()
    return image.colourspace("srgb")
