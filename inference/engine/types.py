"""What the engine hands over: plain, frozen values without Keras and without Django."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
class PictureQuality:
    """What can be said of a picture before anybody has looked for its cells. As in `Quality`."""

    focus: float
    exposure: float
    warnings: tuple[QualityWarning, ...]


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
class NearestCell:
    """A reference cell that looks like the one at hand.

    cell_class: its class. reference: where it came from, "path of the field#number of the cell".
    similarity: cosine of the two embeddings, -1 to 1.
    """

    cell_class: str
    reference: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class CellScores:
    """What the field network says of n cells, before any calibration.

    logits: (n, C) float32. attention: (n,) float32, unnormalised log weight of each cell among the
    cells of its field. embedding: (n, D) float32, D may be 0. maps: (n, h, w, C) float32, evidence
    for each class at each place of the crop, h and w may be 0; its mean over the places is the
    logits, which makes it the class activation map that Grad-CAM gives for such a head.
    Source: Selvaraju et al., Grad-CAM (2017), section 3.1.
    """

    logits: Floats
    attention: Floats
    embedding: Floats
    maps: Floats

    def __len__(self) -> int:
        return len(self.logits)

    def of(self, cells: slice | NDArray[np.intp]) -> CellScores:
        """The scores of some of the cells, by place or by position."""
        return CellScores(
            self.logits[cells], self.attention[cells], self.embedding[cells], self.maps[cells]
        )


@dataclass(frozen=True, slots=True)
class CellFinding:
    """One white cell and what the model says about it.

    id: the value of this cell's pixels in the mask. contour: simplified outer polygon (x, y).
    label: a class of the model, or "unsure". cell_class: the differential's code ("blast",
    "lymphocyte", ...) when all classes of the prediction set share it, else "unidentified".
    weight: share of this cell in the field's decision; all cells of a field add up to 1.
    is_cut: cut by the border of the picture or the scale bar, so it has no weight.
    doubt: 1 - the probability of what it is called, 0 to 1.
    type_probabilities: of the cell-type network, by the differential's codes; empty where the
    model has none.
    evidence_map: h rows of w values 0 to 255, where in the crop the evidence for the most probable
    class lies; empty where the model gives none. nearest: reference cells that look most alike.
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
    type_probabilities: dict[str, float] = field(default_factory=dict)
    evidence_map: list[list[int]] = field(default_factory=list)
    nearest: list[NearestCell] = field(default_factory=list)
    is_cut: bool = False
    doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class CellCount:
    """The cells of a field. by_class: for each class of the model. unsure: of more than one."""

    white_cells: int
    blasts: int
    by_class: dict[str, int]
    unsure: int


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
    count: CellCount
    masks: Labels
    timings_ms: dict[str, float]
