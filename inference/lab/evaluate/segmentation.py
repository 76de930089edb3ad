"""Segmentation against what people have drawn, and against rendered fields with exact truth.

Every figure stands twice: for the pictures that no training of this project may see, and for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.segmentation import Segmenter, segmenter
from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.types import Box, Labels, Mask, Progress, Rgb
from inference.lab.data.painting import paint_out
from inference.lab.data.sources import PLATELET
from inference.lab.data.truth import (
    drawn_boxes,
    drawn_masks,
    kept_back,
    pictures,
)
from telepath.core.images import decode

LEAST_OVERLAP = 0.3
"""Intersection over union from which a box counts as found: it is drawn with a margin."""
LEAST_SHARED = 0.5
"""Intersection over union from which a mask counts as found."""
RENDERED = range(500, 560)
"""Seeds of the rendered fields, far below those for training."""
PAINTED = 120
"""Fields whose cells are painted out."""
SINGLE = 60
"""Pictures of one cell each, of every kind."""


@dataclass(slots=True)
class _Tally:
    """Figures of single pictures, to be averaged or added up at the end."""

    values: dict[str, list[float]] = field(default_factory=dict)
    hits: NDArray[np.int_] = field(default_factory=lambda: np.zeros(3, int))
    miscounted: int = 0
    drawn: int = 0
    pictures: int = 0

    def add(self, hits: NDArray[np.int_], **values: float) -> None:
        for name, value in values.items():
            self.values.setdefault(name, []).append(value)
        self.hits += hits
        self.miscounted += abs(int(hits[1]) - int(hits[2]))
        self.drawn += int(hits[0] + hits[2])
        self.pictures += 1

    def figures(self, counted: str) -> dict[str, float]:
        """counted: what the F1 is of, "instance" or "detection"."""
        hit, extra, missed = (int(number) for number in self.hits)
        return {
            "pictures": self.pictures,
            **{name: round(float(np.mean(value)), 4) for name, value in self.values.items()},
            f"{counted}_f1": round(2 * hit / max(1, 2 * hit + extra + missed), 4),
            f"{counted}_recall": round(hit / max(1, hit + missed), 4),
            f"{counted}_precision": round(hit / max(1, hit + extra), 4),
            "count_error": round(self.miscounted / max(1, self.drawn), 4),
        }


def evaluate_segmentation(
    method: str, data: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Figures of `method` on all sets of pictures below `data`, and on rendered fields.

    Raises `KeyError` for an unknown method and `FileNotFoundError` where pictures are missing.
    """
    segment, tell = segmenter(method), progress or (lambda share, words: None)
    masks = pictures(data / "wbc_masks" / "images")
    boxes = pictures(data / "bccd" / "images")
    single = [path for path in pictures(data / "pbc_cells") if path.is_dir()]
    smears = [path for name in LABELS for path in pictures(data / "taleqani" / "fields" / name)]
    return {
        "split": "segmentation",
        "method": method,
        "command": f"python manage.py evaluate --segmentation {method}",
        "drawn_masks": _by_part(masks, _masks(segment), "instance", _part(tell, 0.0, "masks")),
        "drawn_boxes": _by_part(boxes, _boxes(segment), "detection", _part(tell, 0.25, "boxes")),
        "rendered": _rendered(segment, _part(tell, 0.5, "rendered fields")),
        "single_cells": _single(segment, single, _part(tell, 0.65, "single cells")),
        "painted_out": _painted(segment, boxes, smears, _part(tell, 0.75, "painted fields")),
    }


LABELS = ("Benign", "Early", "Pre", "Pro")
Judge = Callable[[Path], tuple[NDArray[np.int_], dict[str, float]]]


def _by_part(
    paths: list[Path], judge: Judge, counted: str, tell: Progress
) -> dict[str, dict[str, float]]:
    kept, every = _Tally(), _Tally()
    for number, path in enumerate(paths):
        tell(number / len(paths), path.name)
        hits, values = judge(path)
        every.add(hits, **values)
        if kept_back(path):
            kept.add(hits, **values)
    return {"kept_back": kept.figures(counted), "all": every.figures(counted)}


def _masks(segment: Segmenter) -> Judge:
    def judge(path: Path) -> tuple[NDArray[np.int_], dict[str, float]]:
        found = segment(decode(path).pixels)
        cell, nucleus = drawn_masks(path)
        values = {
            "dice_cell": dice(found.cells > 0, cell),
            "iou_cell": iou(found.cells > 0, cell),
            "dice_nucleus": dice(found.nuclei, nucleus),
            "exactly_one_cell": float(found.count == 1),
        }
        return match_masks(found.cells, cell.astype(np.uint16)), values

    return judge


def _boxes(segment: Segmenter) -> Judge:
    def judge(path: Path) -> tuple[NDArray[np.int_], dict[str, float]]:
        places = ndimage.find_objects(segment(decode(path).pixels).cells)
        found = [(x.start, y.start, x.stop - x.start, y.stop - y.start) for y, x in places]
        return match(found, drawn_boxes(path)), {}

    return judge


def _rendered(segment: Segmenter, tell: Progress) -> dict[str, float]:
    tally = _Tally()
    for number, seed in enumerate(RENDERED):
        tell(number / len(RENDERED), f"seed {seed}")
        truth = render_field(rendered_spec(seed), seed)
        found = segment(truth.rgb)
        tally.add(
            match_masks(found.cells, truth.cells),
            dice_cell=dice(found.cells > 0, truth.cells > 0),
            dice_nucleus=dice(found.nuclei, truth.nuclei),
        )
    return tally.figures("instance")


def rendered_spec(seed: int) -> FieldSpec:
    """A field for judging: cells 26 to 110 pixels wide, all classes in turn."""
    diameter = 26.0 * (110 / 26) ** ((seed * 7 % 11) / 10)
    side = round(7 * diameter)
    quality = (None, 90, 70)[seed % 3]
    label = LABELS[seed % 4]
    return FieldSpec(side, side, diameter, label=label, jpeg_quality=quality)  # type: ignore[arg-type]


def _painted(
    segment: Segmenter, boxes: list[Path], smears: list[Path], tell: Progress
) -> dict[str, float]:
    """Share of kept-back fields where nothing is found once all that was found is painted over."""
    fields = [path for path in smears if kept_back(path)]
    fields = fields[:: max(1, len(fields) // PAINTED)] + [path for path in boxes if kept_back(path)]
    rendered = (render_field(rendered_spec(seed), seed).rgb for seed in RENDERED)
    empty = [0, 0]
    for number, rgb in enumerate(_every(fields, rendered)):
        tell(number / (len(fields) + len(RENDERED)), "painting")
        covered = paint_out(rgb, segment(rgb).cells)
        empty[0] += segment(covered).count == 0
        empty[1] += 1
    return {"pictures": empty[1], "without_cells": round(empty[0] / max(1, empty[1]), 4)}


def _single(segment: Segmenter, folders: list[Path], tell: Progress) -> dict[str, float]:
    """Kept-back pictures of one cell: how often one is found, and on one of a platelet none."""
    right: dict[bool, list[bool]] = {False: [], True: []}
    for number, folder in enumerate(folders):
        tell(number / len(folders), folder.name)
        kept = [path for path in pictures(folder) if kept_back(path)]
        empty = folder.name == PLATELET
        for path in kept[:: max(1, len(kept) // SINGLE)][:SINGLE]:
            right[empty].append(segment(decode(path).pixels).count == (0 if empty else 1))
    shares = {empty: round(float(np.mean(found or [False])), 4) for empty, found in right.items()}
    return {
        "pictures": len(right[False]) + len(right[True]),
        "one_white_cell": shares[False],
        "only_platelets_without_cells": shares[True],
    }


def _every(paths: list[Path], rendered: Iterable[Rgb]) -> Iterable[Rgb]:
    yield from (decode(path).pixels for path in paths)
    yield from rendered


def dice(found: Mask, drawn: Mask) -> float:
    """2 |A and B| / (|A| + |B|); 1 when both are empty. Source: Dice, Ecology 26 (1945)."""
    total = int(found.sum()) + int(drawn.sum())
    return 2 * int((found & drawn).sum()) / total if total else 1.0


def iou(found: Mask, drawn: Mask) -> float:
    """|A and B| / |A or B|; 1 when both are empty. Source: Jaccard, New Phytologist 11 (1912)."""
    either = int((found | drawn).sum())
    return int((found & drawn).sum()) / either if either else 1.0


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes (x, y, w, h)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def match(found: list[Box], drawn: list[Box]) -> NDArray[np.int_]:
    """(hits, found too much, missed); each drawn box is matched once, best overlap first."""
    left, hits = list(drawn), 0
    for box in found:
        best = max(left, key=lambda one: overlap(box, one), default=None)
        if best is not None and overlap(box, best) >= LEAST_OVERLAP:
            left.remove(best)
            hits += 1
    return np.array([hits, len(found) - hits, len(left)])


def match_masks(found: Labels, drawn: Labels) -> NDArray[np.int_]:
    """(hits, found too much, missed) of two label images without gaps in their numbers.

    Above one half, a cell overlaps at most one other, so no assignment is needed.
    """
    many, most = int(found.max(initial=0)), int(drawn.max(initial=0))
    pairs = found.astype(np.int64) * (most + 1) + drawn
    shared = np.bincount(pairs.ravel(), minlength=(many + 1) * (most + 1))
    shared = shared.reshape(many + 1, most + 1)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    hits = int((shared[1:, 1:] > LEAST_SHARED * either[1:, 1:]).sum())
    return np.array([hits, many - hits, most - hits])


def as_lines(report: Mapping[str, Any]) -> str:
    """The figures for people."""
    return "\n".join(_lines(report))


def _lines(report: Mapping[str, Any], title: str = "") -> Iterable[str]:
    for name, value in report.items():
        words = f"{title}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _lines(value, f"{words}, ")
        elif isinstance(value, float):
            yield f"{words:<52}{value:>8.3f}"
        elif isinstance(value, int):
            yield f"{words:<52}{value:>8}"


def _part(tell: Progress, start: float, title: str) -> Progress:
    return lambda share, words: tell(start + share / 4, f"{title}: {words}")
