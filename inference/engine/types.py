"""What the engine hands over: plain, frozen values without Keras and without Django."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, channels red, green, blue."""
Mask: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.uint16]
Floats: TypeAlias = NDArray[np.float32]
Box: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height in pixels of the original picture."""
Progress: TypeAlias = Callable[[float, str], None]
"""Called with the finished share (0 to 1) and a few words on what happens now."""

UNSURE = "unsure"
INSUFFICIENT = "insufficient"
UNIDENTIFIED = "unidentified"


@dataclass(frozen=True, slots=True)
class QualityWarning:
    """One thing that is wrong with a picture; `message` says what to do about it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How fit a picture is for reading.

    focus: share of the contrast that the steepest edges climb per pixel; below 0.2 is blurred.
    exposure: brightness of the empty background, 0 (black) to 1 (saturated white).
    stain: optical density difference between nuclei and background; below 0.22 is weak.
    white_cells: white cells found by the default segmentation.
    """

    focus: float
    exposure: float
    stain: float
    white_cells: int
    warnings: tuple[QualityWarning, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """White cells of one picture.

    cells: (H, W) uint16, 0 = background, 1..n without gaps, one number a cell.
    nuclei: (H, W) bool, true where the nucleus of any cell is; inside `cells` only.
    """

    cells: Labels
    nuclei: Mask

    @property
    def count(self) -> int:
        """Number of white cells."""
        return int(self.cells.max(initial=0))


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured quantity with its unit ("px", "px2", "um", "um2", or "1" for a ratio)."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class CellFinding:
    """One white cell and what the model says about it.

    id: the value of this cell's pixels in the mask. contour: simplified outer polygon (x, y).
    label: a class of the model, or "unsure". cell_class: the differential's code ("blast",
    "lymphocyte", ...) when all classes of the prediction set share it, else "unidentified".
    weight: share of this cell in the field's decision; all cells of a field add up to 1.
    """

    id: int
    bbox: Box
    area_px: int
    contour: list[tuple[int, int]]
    label: str
    cell_class: str
    probabilities: dict[str, float]
    prediction_set: tuple[str, ...]
    weight: float
    morphology: dict[str, Measure]


@dataclass(frozen=True, slots=True)
class FieldInput:
    """One picture to analyse. mpp: microns per pixel, None where the file does not say."""

    rgb: Rgb
    mpp: float | None = None


@dataclass(frozen=True, slots=True)
class FieldResult:
    """All that the engine says about one picture.

    decision: a class, "unsure", or "insufficient"; label: the most probable class, None when
    there were too few cells to ask. masks: (H, W) uint16, pixel = cell id.
    """

    status: Literal["ok", "insufficient"]
    reason: str | None
    quality: Quality
    width: int
    height: int
    mpp: float | None
    label: str | None
    decision: str
    probabilities: dict[str, float]
    prediction_set: tuple[str, ...]
    cells: list[CellFinding]
    count: Mapping[str, int | dict[str, int]]
    masks: Labels
    timings_ms: dict[str, float]
