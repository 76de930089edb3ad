"""Augmentations as data: what each paper did, and what stains and lamps really do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Recipe:
    """How strongly a field is changed in training; 0 or False leaves it alone.

    rotation: degrees to either side. shear: tangent of the angle. zoom, crop: share of the side.
    flip_h, flip_v: mirrored half of the time. contrast, brightness: share of the full range.
    cutout: side of the grey square as a share. blur: largest sigma in pixels, half of the time.
    salt_pepper: share of pixels. stain: spread of the amount of each dye, as optical density.
    lamp: spread of each channel's light.
    """

    rotation: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    crop: float = 0.0
    flip_h: bool = False
    flip_v: bool = False
    contrast: float = 0.0
    brightness: float = 0.0
    cutout: float = 0.0
    blur: float = 0.0
    salt_pepper: float = 0.0
    stain: float = 0.0
    lamp: float = 0.0


PLAIN = Recipe()
TELEDIAGNOSIS = Recipe(rotation=30.0, shear=0.2, zoom=0.2, flip_h=True)
"""Tusar 2024 and Tusar, Anik 2022. Shear 0.2, zoom 0.2 and the flip are printed; degrees are not.
Their library reads 0.2 as degrees of shear, which does nothing; here it is a tangent."""
COMPARISON = Recipe(
    rotation=30.0, contrast=0.2, flip_h=True, flip_v=True, crop=0.15, cutout=0.2, brightness=0.2
)
"""Reza 2024 names the steps and no strength: the strengths are our choice."""
SINGLE_CELLS = Recipe(
    rotation=180.0, flip_h=True, flip_v=True, brightness=0.2, blur=1.0, salt_pepper=0.01
)
"""Sampathila 2022 names the steps and no strength: the strengths are our choice."""
STAINS = replace(
    COMPARISON,
    rotation=180.0,
    shear=0.2,
    zoom=0.2,
    blur=1.0,
    salt_pepper=0.005,
    stain=0.3,
    lamp=0.1,
)
"""All of them, and strong variation of stain and lamp: ours."""

RECIPES: Mapping[str, Recipe] = {
    "plain": PLAIN,
    "telediagnosis": TELEDIAGNOSIS,
    "comparison": COMPARISON,
    "single_cells": SINGLE_CELLS,
    "stains": STAINS,
}
