"""What to draw, and what was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Box, Labels, Mask, Rgb

FieldLabel = Literal["Benign", "Early", "Pre", "Pro"]
CellClass = Literal[
    "Benign", "Early", "Pre", "Pro",
    "lymphocyte", "neutrophil", "monocyte", "eosinophil", "basophil", "smudge",
]  # fmt: skip
"""The four classes under the names that models use, the rest under the differential's codes."""
LookName = Literal["blue", "cream", "rose", "violet", "sky"]
ScaleBar = Literal["A", "B", "C"]

NOMINAL_CELL_UM = 12.0
"""Diameter of the white cell that `cell_diameter_px` speaks of."""
DIAMETERS_PX = (25.0, 250.0)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of view. None everywhere means: drawn from the seed.

    cell_diameter_px: of a white cell of 12 um, 25 to 250. label: class of the leukaemic (or, for
    Benign, regenerating) cells. white_cells: how many to place, smudge cells among them; fewer
    are placed where they do not fit. mix: share of each cell class, in place of the label's usual
    one. red_coverage: share of sites holding a red cell, 0 to 1. touching: share of white cells
    laid against another. blur_px: standard deviation of the defocus. noise: standard deviation of
    the sensor's noise in grey values. jpeg_quality: None leaves the picture uncompressed.
    scale_bar: A wide black, B small red, C small in a white box.
    """

    width: int = 640
    height: int = 480
    cell_diameter_px: float = 56.0
    label: FieldLabel = "Pre"
    white_cells: int | None = None
    mix: Mapping[CellClass, float] | None = None
    red_coverage: float | None = None
    touching: float = 0.25
    look: LookName | None = None
    blur_px: float | None = None
    noise: float | None = None
    jpeg_quality: int | None = None
    scale_bar: ScaleBar | None = None

    def __post_init__(self) -> None:
        check_extent(self.width, self.height, self.cell_diameter_px)


@dataclass(frozen=True, slots=True)
class SlideSpec:
    """A smear of any size, drawn piece by piece; the seed decides everything that is not given.

    white_density: share of the possible places that hold a white cell, 0 to 1.
    block_px: side of the squares in which it is rendered; affects speed and memory only.
    """

    width: int
    height: int
    seed: int
    cell_diameter_px: float = 48.0
    label: FieldLabel = "Pre"
    white_density: float = 0.15
    mix: Mapping[CellClass, float] | None = field(default=None, hash=False)
    look: LookName | None = None
    noise: float = 2.0
    block_px: int = 512

    def __post_init__(self) -> None:
        check_extent(self.width, self.height, self.cell_diameter_px)

    @property
    def mpp(self) -> float:
        """Microns per pixel."""
        return NOMINAL_CELL_UM / self.cell_diameter_px


@dataclass(frozen=True, slots=True)
class CellTruth:
    """One white or smudge cell. id: its value in the mask. bbox: of its visible pixels."""

    id: int
    cell_class: CellClass
    bbox: Box
    subtype: str
    touches_border: bool


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticField:
    """A rendered field and everything that is true of it.

    rgb: (H, W, 3) uint8. cells: (H, W) uint16, 0 = no white cell, 1..n without gaps.
    nuclei: (H, W) bool, inside `cells`. truth[i].id == i + 1. counts: objects by kind, besides the
    cells of `truth` also "red_cell" and "platelet", each with its centre inside the field.
    """

    rgb: Rgb
    cells: Labels
    nuclei: Mask
    truth: list[CellTruth]
    label: FieldLabel
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticTile:
    """A piece of a slide. cells: (H, W) uint32, ids that are the same in every tile."""

    rgb: Rgb
    cells: NDArray[np.uint32]
    nuclei: Mask


@dataclass(frozen=True, slots=True)
class SlideCell:
    """A white or smudge cell of a slide: centre and radius in pixels of the slide."""

    id: int
    cell_class: CellClass
    subtype: str
    x: float
    y: float
    radius: float


def check_extent(width: int, height: int, cell_diameter_px: float) -> None:
    """Raise ValueError for a size or magnification that cannot be drawn."""
    low, high = DIAMETERS_PX
    if width < 1 or height < 1:
        raise ValueError(f"A picture of {width} x {height} pixels cannot be drawn.")
    if not low <= cell_diameter_px <= high:
        raise ValueError(f"cell_diameter_px is {cell_diameter_px:g}, not within {low:g}..{high:g}.")
