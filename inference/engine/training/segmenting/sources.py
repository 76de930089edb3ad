"""Where training pictures of the U-Net come from, and how far each is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import ndimage

from inference.engine.evaluation.audit_painting import paint_out
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.adaptive import AdaptiveSegmenter
from inference.engine.segmentation.objects import disk
from inference.engine.segmentation.scale import glance, opened
from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.training.segmenting.samples import Sample, band, make_sample
from inference.engine.training.segmenting.truth import (
    drawn_boxes,
    drawn_masks,
    kept_back,
    pictures,
)
from inference.engine.types import Box, Labels, Mask, Rgb, Segmentation
from telepath.core.images import decode

SYNTHETIC_SEED = 100_000
"""Seeds below this are never trained on."""

Make = Callable[[Path, int], Iterator[Sample]]
"""(data, number of pictures at most) -> samples."""


@dataclass(frozen=True, slots=True)
class Source:
    """most: pictures at most. share: of the patches of a training step."""

    make: Make
    most: int
    share: float


def drawn(data: Path, most: int) -> Iterator[Sample]:
    """Crops of one cell with masks drawn by hand."""
    for path in _pictures(data / "wbc_masks" / "images", most):
        cell, nucleus = drawn_masks(path)
        nothing = np.zeros(cell.shape, bool)
        yield make_sample(decode(path).pixels, cell.astype(np.uint16), nucleus, nothing)


def boxed(data: Path, most: int) -> Iterator[Sample]:
    """Fields with boxes: ground outside is no cell; inside, a drawing that fills its box counts."""
    segment = AdaptiveSegmenter()
    for path in _pictures(data / "bccd" / "images", most):
        rgb = decode(path).pixels
        boxes = drawn_boxes(path)
        found = segment(rgb)
        cells = _filling(found.cells, boxes)
        unknown = _inside(boxes, cells.shape) & (cells == 0) | band(cells, 4)
        yield make_sample(rgb, cells, found.nuclei & (cells > 0), unknown)


def stained(data: Path, most: int) -> Iterator[Sample]:
    """Fields without any drawing: what the adaptive method finds, where it is plausible."""
    for path in _fields(data, most, start=0):
        rgb = decode(path).pixels
        found = AdaptiveSegmenter()(rgb)
        cells = _plausible(found.cells)
        unknown = _doubtful(rgb, found) | ((found.cells > 0) & (cells == 0)) | band(found.cells, 1)
        yield make_sample(rgb, cells, found.nuclei & (cells > 0), unknown)


def painted(data: Path, most: int) -> Iterator[Sample]:
    """Fields whose cells are covered by the colours around them: nothing is left to find."""
    for path in _fields(data, most // 2, start=7):
        yield _painted(decode(path).pixels, AdaptiveSegmenter()(decode(path).pixels))
    for path in _pictures(data / "bccd" / "images", most // 4):
        yield _painted(decode(path).pixels, AdaptiveSegmenter()(decode(path).pixels))
    for seed in range(most // 4):
        field = render_field(synthetic_spec(seed), SYNTHETIC_SEED + seed)
        yield _painted(field.rgb, Segmentation(field.cells, field.nuclei))


def synthetic(data: Path, most: int) -> Iterator[Sample]:
    """Rendered fields of many stains, lamps and scales, with exact truth. Reads no `data`."""
    for seed in range(SYNTHETIC_SEED + 10_000, SYNTHETIC_SEED + 10_000 + most):
        field = render_field(synthetic_spec(seed), seed)
        yield make_sample(field.rgb, field.cells, field.nuclei, np.zeros(field.cells.shape, bool))


def empty(data: Path, most: int) -> Iterator[Sample]:
    """Rendered fields with red cells and platelets only. Reads no `data`."""
    for seed in range(SYNTHETIC_SEED + 20_000, SYNTHETIC_SEED + 20_000 + most):
        spec = synthetic_spec(seed, white_cells=0)
        field = render_field(spec, seed)
        nothing = np.zeros(field.cells.shape, bool)
        # Platelets may be taken for nuclei, and then the picture is enlarged to their size.
        enlarged = np.random.default_rng(seed).choice([0.36, 0.36, 0.2, 0.12])
        radius = enlarged * spec.cell_diameter_px
        yield make_sample(field.rgb, field.cells, field.nuclei, nothing, radius_px=radius)


SOURCES: Mapping[str, Source] = {
    "wbc_masks": Source(drawn, 300, 0.25),
    "synthetic": Source(synthetic, 600, 0.32),
    "taleqani": Source(stained, 500, 0.2),
    "bccd": Source(boxed, 292, 0.12),
    "painted": Source(painted, 200, 0.07),
    "empty": Source(empty, 80, 0.04),
}


def synthetic_spec(seed: int, **fixed: Any) -> FieldSpec:
    """A field unlike the others; the same seed gives the same."""
    rng = np.random.default_rng([seed, 77])
    diameter = float(np.exp(rng.uniform(np.log(25), np.log(90))))
    side = round(diameter * rng.uniform(6, 8))
    return FieldSpec(
        width=side,
        height=side,
        cell_diameter_px=diameter,
        label=rng.choice(["Benign", "Early", "Pre", "Pro"]),
        mix=_any_mix(rng) if rng.random() < 0.5 else None,
        touching=float(rng.uniform(0.1, 0.7)),
        jpeg_quality=int(rng.integers(50, 96)) if rng.random() < 0.5 else None,
        **fixed,
    )


def _any_mix(rng: np.random.Generator) -> dict[Any, float]:
    names = (
        *("Benign", "Early", "Pre", "Pro", "lymphocyte", "neutrophil", "monocyte"),
        *("eosinophil", "basophil", "smudge"),
    )
    return dict(zip(names, rng.dirichlet(np.full(len(names), 0.6)).tolist(), strict=True))


def _pictures(folder: Path, most: int) -> list[Path]:
    return [path for path in pictures(folder) if not kept_back(path)][:most]


def _fields(data: Path, most: int, *, start: int) -> Sequence[Path]:
    found = _pictures(data / "taleqani" / "fields" / "Benign", 10_000)
    for label in ("Early", "Pre", "Pro"):
        found += _pictures(data / "taleqani" / "fields" / label, 10_000)
    return found[start :: max(1, len(found) // max(1, most))][:most]


def _filling(cells: Labels, boxes: list[Box]) -> Labels:
    """The largest found cell of each box, if it fills the box as a cell does."""
    kept = np.zeros_like(cells)
    for number, (x, y, w, h) in enumerate(boxes, start=1):
        part = cells[y : y + h, x : x + w]
        areas = np.bincount(part.ravel(), minlength=2)
        areas[0] = 0
        best = int(areas.argmax())
        whole = int((cells == best).sum()) if areas[best] else 0
        if areas[best] >= 0.45 * w * h and areas[best] >= 0.9 * whole:
            kept[cells == best] = number
    return kept


def _inside(boxes: list[Box], shape: tuple[int, ...]) -> Mask:
    marked = np.zeros(shape, bool)
    for x, y, w, h in boxes:
        marked[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4] = True
    return marked


def _plausible(cells: Labels) -> Labels:
    """Cells of usual size and full outline, numbered as before; the others are 0."""
    kept = cells.copy()
    areas = np.bincount(cells.ravel())
    usual = float(np.median(areas[1:])) if len(areas) > 1 else 0.0
    for number, place in enumerate(ndimage.find_objects(cells), start=1):
        mask = (cells[place] == number).astype(np.uint8)
        edges, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        hull = cv2.convexHull(np.concatenate(edges))
        full = areas[number] >= 0.88 * (cv2.contourArea(hull) + len(hull) / 2)
        if not full or not 0.35 * usual <= areas[number] <= 2.2 * usual:
            kept[place][mask > 0] = 0
    return kept


def _doubtful(rgb: Rgb, found: Segmentation) -> Mask:
    """Ground as dark as a nucleus and no small platelet, where no cell was found."""
    first = glance(rgb, find_scale_bar(rgb))
    signal = cv2.resize(first.signal, (rgb.shape[1], rgb.shape[0]))
    dark = (signal > first.threshold) & (found.cells == 0)
    large = opened(dark, 0.45 * max(2.0, first.radius_px))
    return cv2.dilate(large.astype(np.uint8), disk(4)) > 0


def _painted(rgb: Rgb, found: Segmentation) -> Sample:
    radius = glance(rgb, find_scale_bar(rgb)).radius_px
    covered = paint_out(rgb, found.cells)
    nothing = np.zeros(found.cells.shape, np.uint16)
    return make_sample(covered, nothing, nothing > 0, _doubtful(rgb, found), radius_px=radius)
