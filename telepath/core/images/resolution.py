"""Microns per pixel, where a file gives a figure that a microscope could have."""

from __future__ import annotations

import re

import pyvips

# Beyond these, the figure is a screen's or printer's default (72 dpi = 353 um) and says nothing.
_PLAUSIBLE_MPP = (0.02, 5.0)
_APERIO_MPP = re.compile(r"\bMPP\s*=\s*([0-9.]+)")
_OME_MPP = re.compile(r'\bPhysicalSizeX="([0-9.eE+-]+)"')
_OME_UNIT = re.compile(r'\bPhysicalSizeXUnit="([^"]+)"')
_MICRONS = frozenset({"\u00b5m", "\u03bcm", "um", "micron", "&#181;m", "&#956;m"})


def microns_per_pixel(image: pyvips.Image) -> float | None:
    """The scale of `image` from its resolution fields."""
    return of_resolution(image.xres, image.yres)


def of_resolution(across: float, down: float) -> float | None:
    """across, down: pixels per millimetre."""
    if across <= 0 or down <= 0 or abs(across - down) > 0.02 * across:
        return None
    return plausible(1000.0 / across)


def of_description(text: str) -> float | None:
    """The figure that a microscope's software writes into a TIFF's description (Aperio, OME)."""
    if found := _APERIO_MPP.search(text):
        return _number(found.group(1))
    size, unit = _OME_MPP.search(text), _OME_UNIT.search(text)
    if size is None or (unit is not None and unit.group(1) not in _MICRONS):
        return None
    return _number(size.group(1))


def plausible(mpp: float) -> float | None:
    low, high = _PLAUSIBLE_MPP
    return mpp if low <= mpp <= high else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
