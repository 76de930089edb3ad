"""Is this picture fit for reading? Told in plain words while the slide is on the microscope."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import counted_percentile, estimate_white, optical_density, sampled
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.adaptive import AdaptiveSegmenter
from inference.engine.types import PictureQuality, Quality, QualityWarning, Rgb, Segmentation
from inference.engine.view import View, find_view

LARGEST = 4_000_000
"""Pixels. Larger pictures are judged on a smaller copy."""
SMALLEST_SIDE = 64
BLURRED = 0.2
DARK = 0.4
WEAK_STAIN = 0.22
FEW_CELLS = 3
MOST_PIXELS = 40_000_000
"""A field, not a slide: larger pictures must be cut into fields first (about 60 bytes a pixel)."""
COLOURLESS = 3
"""Levels between the channels of a pixel that compression alone makes of grey."""

MESSAGES = {
    "too_small": "The picture is too small to show a cell: send the original picture.",
    "no_content": "The picture shows one even colour: check light, shutter and slide.",
    "too_dark": "The picture is dark: raise the lamp or the exposure and take it again.",
    "too_bright": "The picture is overexposed: lower the lamp or the exposure and take it again.",
    "no_colour": "This picture has no colour, and cells are judged by their colour: switch the "
    "camera to colour and take it again.",
    "blurred": "The picture is blurred: refocus and take it again.",
    "weak_stain": "The stain is weak: nuclei hardly stand out. Check the stain or the slide.",
    "no_white_cells": "No white cell was found: move to a field with white cells.",
    "few_white_cells": "Few white cells were found: add more fields.",
}


def measure_picture(rgb: Rgb) -> PictureQuality:
    """Light, focus and colour of a picture of any size. rgb: (H, W, 3) uint8. No network is asked.

    What depends on which white cells there are belongs to the run, which finds them with the
    active model. Here a threshold is enough, to learn how large they are.
    """
    rgb = _bounded(rgb)
    view = find_view(rgb)
    rgb = view.rgb if view else rgb
    focus, exposure = _focus(rgb, AdaptiveSegmenter()(rgb)), _exposure(rgb)
    codes = _unusable(rgb, exposure) or (["blurred"] if focus < BLURRED else [])
    return PictureQuality(round(focus, 3), round(exposure, 3), _worded(codes) + _framed(view))


def size_warnings(width: int, height: int) -> tuple[QualityWarning, ...]:
    """Said when a picture arrives: the analysis will not take one of so many pixels."""
    if width * height <= MOST_PIXELS:
        return ()
    return (
        QualityWarning(
            "too_large",
            f"The picture has {width * height / 1e6:.0f} million pixels, more than the "
            f"{MOST_PIXELS / 1e6:.0f} million that the analysis takes: people will see it, the "
            "program will not. Send it as several fields to have them analysed.",
        ),
    )


def quality_of(rgb: Rgb, found: Segmentation, view: View | None = None) -> Quality:
    """Quality of a picture whose white cells are already known.

    view: which part of a framed picture it is, where `rgb` is `view.rgb`.
    """
    focus, exposure, stain = _focus(rgb, found), _exposure(rgb), _stain(rgb, found)
    codes = _problems(rgb, focus, exposure, stain, found.count)
    warnings = _worded(codes) + _framed(view)
    return Quality(round(focus, 3), round(exposure, 3), round(stain, 3), found.count, warnings)


def _framed(view: View | None) -> tuple[QualityWarning, ...]:
    if view is None:
        return ()
    return (
        QualityWarning(
            "framed",
            "The picture has a black frame, as through an eyepiece. Only what lies inside it was "
            f"read, {view.share:.0%} of the picture: bring the camera nearer to see more cells.",
        ),
    )


def _worded(codes: list[str]) -> tuple[QualityWarning, ...]:
    return tuple(QualityWarning(code, MESSAGES[code]) for code in codes)


def _bounded(rgb: Rgb) -> Rgb:
    factor = float(np.sqrt(LARGEST / max(1, rgb.shape[0] * rgb.shape[1])))
    if factor >= 1:
        return rgb
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _focus(rgb: Rgb, found: Segmentation) -> float:
    """Steepness of the steepest edges, as a share of the picture's contrast per pixel.

    An edge that is w pixels wide climbs 1/w of the contrast each pixel. Large cells are made
    small first, so that the same optics give the same figure at any resolution.
    """
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    # The edges of printed ink are sharp however blurred the cells are.
    bar = cv2.dilate(find_scale_bar(rgb).astype(np.uint8), np.ones((5, 5), np.uint8)) * 255
    factor = _common_scale(found)
    small = _shrunk(grey, factor)
    printed = _shrunk(np.asarray(bar, np.uint8), factor)
    low, high = (counted_percentile(np.bincount(small.ravel()), share) for share in (0.01, 0.99))
    if high - low < 8:
        return 0.0
    level = small.astype(np.float32)
    steps = np.hypot(cv2.Sobel(level, cv2.CV_32F, 1, 0), cv2.Sobel(level, cv2.CV_32F, 0, 1)) / 8
    seen = steps.reshape(printed.shape)[printed == 0]
    return float(np.percentile(seen, 99.8) / (high - low)) if len(seen) else 0.0


def _common_scale(found: Segmentation) -> float:
    """Factor that makes the typical cell 30 pixels wide, at most 1."""
    areas = np.bincount(found.cells.ravel())[1:]
    diameter = float(2 * np.sqrt(np.median(areas) / np.pi)) if len(areas) else 0.0
    return min(1.0, 30.0 / diameter) if diameter else 1.0


def _shrunk(grey: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor >= 1:
        return grey
    size = [max(1, round(side * factor)) for side in reversed(grey.shape)]
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _exposure(rgb: Rgb) -> float:
    """Brightness of the empty background, 0 to 1."""
    first, second, third = _channels(sampled(rgb))
    total = first.astype(np.uint16) + second + third
    return counted_percentile(np.bincount(total.ravel()), 0.95) / 3 / 255


def _channels(values: Rgb) -> tuple[NDArray[np.uint8], ...]:
    """The three columns of (n, 3), each whole in memory: sums and minima along rows are slow."""
    return tuple(np.asarray(one, np.uint8) for one in cv2.split(values[:, None]))


def _stain(rgb: Rgb, found: Segmentation) -> float:
    """Mean optical density of nuclei in green, where azure-eosin stains absorb most."""
    inside = rgb[found.nuclei]
    if len(inside) == 0:
        return 0.0
    return float(optical_density(inside[None], estimate_white(rgb))[..., 1].mean())


def _problems(rgb: Rgb, focus: float, exposure: float, stain: float, cells: int) -> list[str]:
    if unusable := _unusable(rgb, exposure):
        return unusable
    if cells == 0:
        return ["blurred", "no_white_cells"] if focus < BLURRED / 2 else ["no_white_cells"]
    first, second, third = _channels(sampled(rgb))
    white = cv2.min(first, cv2.min(second, third)) >= 252
    washed_out = np.asarray(white).mean() > 0.6 and stain < WEAK_STAIN
    checks = {
        "too_bright": washed_out,
        "blurred": focus < BLURRED,
        "weak_stain": stain < WEAK_STAIN and not washed_out,
        "few_white_cells": cells < FEW_CELLS,
    }
    return [code for code, wrong in checks.items() if wrong]


def _unusable(rgb: Rgb, exposure: float) -> list[str]:
    """The one fault beside which nothing else about a picture matters, if it has one."""
    values = sampled(rgb)
    checks = (
        ("too_small", lambda: min(rgb.shape[:2]) < SMALLEST_SIDE),
        ("too_dark", lambda: exposure < DARK),
        ("too_bright", lambda: values.min() >= 250),
        ("no_content", lambda: cv2.meanStdDev(values[:, None])[1].max() < 2),
        ("no_colour", lambda: _is_grey(values)),
    )
    return next(([code] for code, is_so in checks if is_so()), [])


def _is_grey(values: Rgb) -> bool:
    first, second, third = _channels(values)
    most, least = cv2.max(first, cv2.max(second, third)), cv2.min(first, cv2.min(second, third))
    spread = np.bincount(cv2.subtract(most, least).ravel())
    return counted_percentile(spread, 0.999) <= COLOURLESS
