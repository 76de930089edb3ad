"""Where training pictures of the U-Net come from, and how far each is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.adaptive import AdaptiveSegmenter
from inference.engine.segmentation.scale import glance
from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.types import Labels, Rgb, Segmentation
from inference.lab.data.painting import PAINTINGS
from inference.lab.data.samples import Sample, band, make_sample
from inference.lab.data.truth import (
    drawn_boxes,
    drawn_masks,
    kept_back,
    pictures,
)
from inference.lab.data.weak import (
    doubtful,
    filling,
    in_the_middle,
    inside,
    plausible,
    stained_deeply,
    with_middles,
)
from telepath.core.images import decode

SYNTHETIC_SEED = 100_000
"""Seeds below this are never trained on."""
PLATELET = "platelet"
"""Folder of `pbc_cells` without a white cell."""

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
    """Fields with boxes: ground outside is no cell; inside, a drawing that fills its box counts.

    Where none does (pale granules, torn cells), the middle of the box is a cell all the same, or
    the cells that are hard to draw would never be learned.
    """
    segment = AdaptiveSegmenter()
    for path in _pictures(data / "bccd" / "images", most):
        rgb = decode(path).pixels
        boxes = drawn_boxes(path)
        found = segment(rgb)
        outlined = filling(found.cells, boxes)
        cells = with_middles(outlined, boxes)
        unknown = inside(boxes, cells.shape) & (cells == 0) | band(outlined, 4)
        nuclei = np.where(outlined > 0, found.nuclei, stained_deeply(rgb)) & (cells > 0)
        yield make_sample(rgb, cells, nuclei, unknown)


def single(data: Path, most: int) -> Iterator[Sample]:
    """Pictures of one cell each under another stain, half of them platelets: no cell at all."""
    folders = [path for path in pictures(data / "pbc_cells") if path.is_dir()]
    others = [folder for folder in folders if folder.name != PLATELET]
    yield from (_one_platelet(path) for path in _some(data / "pbc_cells" / PLATELET, most // 2))
    for folder in others:
        for path in _some(folder, (most - most // 2) // len(others)):
            yield _one_cell(decode(path).pixels)


def stained(data: Path, most: int) -> Iterator[Sample]:
    """Fields without any drawing: what the adaptive method finds, where it is plausible."""
    for path in _fields(data, most, start=0):
        rgb = decode(path).pixels
        found = AdaptiveSegmenter()(rgb)
        cells = plausible(found.cells)
        unknown = doubtful(rgb, found) | ((found.cells > 0) & (cells == 0)) | band(found.cells, 1)
        yield make_sample(rgb, cells, found.nuclei & (cells > 0), unknown)


def painted(data: Path, most: int) -> Iterator[Sample]:
    """Fields whose cells are covered, in each way of the audit: nothing is left to find."""
    smears = [*_fields(data, most // 2, start=7), *_pictures(data / "bccd" / "images", most // 4)]
    ways = cycle(PAINTINGS.values())
    for path in smears:
        rgb = decode(path).pixels
        yield _painted(rgb, AdaptiveSegmenter()(rgb), next(ways))
    for seed in range(most // 4):
        field = render_field(synthetic_spec(seed), SYNTHETIC_SEED + seed)
        yield _painted(field.rgb, Segmentation(field.cells, field.nuclei), next(ways))


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
    "wbc_masks": Source(drawn, 300, 0.17),
    "synthetic": Source(synthetic, 600, 0.22),
    "taleqani": Source(stained, 500, 0.19),
    "bccd": Source(boxed, 292, 0.16),
    "pbc_cells": Source(single, 700, 0.11),
    "painted": Source(painted, 400, 0.11),
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


def _some(folder: Path, most: int) -> list[Path]:
    """At most `most` pictures, spread over the folder."""
    found = _pictures(folder, 100_000)
    return found[:: max(1, len(found) // max(1, most))][:most]


def _fields(data: Path, most: int, *, start: int) -> Sequence[Path]:
    found = _pictures(data / "taleqani" / "fields" / "Benign", 10_000)
    for label in ("Early", "Pre", "Pro"):
        found += _pictures(data / "taleqani" / "fields" / label, 10_000)
    return found[start :: max(1, len(found) // max(1, most))][:most]


def _one_platelet(path: Path) -> Sample:
    """A platelet in the middle, and what lies around it as far as it is surely no cell."""
    rgb = decode(path).pixels
    nothing = np.zeros(rgb.shape[:2], np.uint16)
    large = doubtful(rgb, Segmentation(nothing, nothing > 0))
    return make_sample(rgb, nothing, nothing > 0, large & ~in_the_middle(large))


def _one_cell(rgb: Rgb) -> Sample:
    """The cell in the middle, where its drawing is plausible; other dark ground teaches nothing."""
    found = AdaptiveSegmenter()(rgb)
    cells = np.where(in_the_middle(found.cells > 0), plausible(found.cells), 0).astype(np.uint16)
    unknown = doubtful(rgb, found) | ((found.cells > 0) & (cells == 0)) | band(found.cells, 1)
    return make_sample(rgb, cells, found.nuclei & (cells > 0), unknown)


def _painted(rgb: Rgb, found: Segmentation, paint: Callable[[Rgb, Labels], Rgb]) -> Sample:
    covered = paint(rgb, found.cells)
    nothing = np.zeros(found.cells.shape, np.uint16)
    # Platelets and smudges now set the scale, as they will when the picture is judged; where there
    # are none, that of the cells does.
    seen = glance(covered, find_scale_bar(covered)).radius_px
    radius = seen or glance(rgb, find_scale_bar(rgb)).radius_px
    return make_sample(covered, nothing, nothing > 0, nothing > 0, radius_px=radius)
