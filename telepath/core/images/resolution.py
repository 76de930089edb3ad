"""Microns per pixel, where a file gives a figure that a microscope could have."""

from __future__ import annotations

import re

import pyvips

# Beyond these, the figure is a screen's or printer's default (72 dpi = 353 um) and says nothing.
_PLAUSIBLE_MPP = (0.02, 5.0)
_DESCRIPTION = "image-description"
_APERIO_MPP = re.compile(r"\bMPP\s*=\s*([0-9.]+)")
_OME_MPP = re.compile(r'\bPhysicalSizeX="([0-9.eE+-]+)"')
_OME_UNIT = re.compile(r'\bPhysicalSizeXUnit="([^"]+)"')
_MICRONS = frozenset({"\u00b5m", "\u03bcm", "um", "micron", "&#181;m", "&#956;m"})


def microns_per_pixel(image: pyvips.Image) -> float | None:
    """The scale of `image`: from its description (Aperio, OME) or else from its resolution tags."""
    described = _from_description(image)
    return _plausible(described) if described else _from_resolution(image)


def _from_description(image: pyvips.Image) -> float | None:
    if not image.get_typeof(_DESCRIPTION):
        return None
    text = str(image.get(_DESCRIPTION))
    if found := _APERIO_MPP.search(text):
        return _number(found.group(1))
    return _ome(text)


def _ome(text: str) -> float | None:
    size, unit = _OME_MPP.search(text), _OME_UNIT.search(text)
    if size is None or (unit is not None and unit.group(1) not in _MICRONS):
        return None
    return _number(size.group(1))


def _from_resolution(image: pyvips.Image) -> float | None:
    across, down = image.xres, image.yres  # pixels per millimetre
    if across <= 0 or down <= 0 or abs(across - down) > 0.02 * across:
        return None
    return _plausible(1000.0 / across)


def _plausible(mpp: float) -> float | None:
    low, high = _PLAUSIBLE_MPP
    return mpp if low <= mpp <= high else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
