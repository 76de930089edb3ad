"""One picture in, one result out: segmentation, crops, classifier, pooling, decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from inference.engine.crops import Crops, FieldCrops, cut_cells
from inference.engine.morphology import Shape, measure_shapes
from inference.engine.package import ModelPackage
from inference.engine.pooling import cell_weights, pool, prediction_set, softmax
from inference.engine.quality import quality_of
from inference.engine.segmentation import segmenter
from inference.engine.types import (
    INSUFFICIENT,
    UNIDENTIFIED,
    UNSURE,
    CellFinding,
    FieldInput,
    FieldResult,
    Floats,
    Progress,
    Quality,
    Rgb,
    Segmentation,
)

MOST_PIXELS = 40_000_000
"""A field, not a slide: larger pictures must be cut into fields first (about 60 bytes a pixel)."""


class FieldTooLarge(ValueError):
    """A picture above `MOST_PIXELS`; the text is a sentence for the user."""


class Classifier(Protocol):
    """What the analyser needs of a model."""

    def logits(self, crops: Crops) -> Floats:
        """(n, side, side, 3) uint8 crops -> (n, classes) float32."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A field on its way: everything but the classifier's word."""

    field: FieldInput
    found: Segmentation
    quality: Quality
    shapes: list[Shape]
    crops: FieldCrops
    timings_ms: dict[str, float]


def load_analyser(package: ModelPackage) -> FieldAnalyser:
    """An analyser with the model of `package` in memory. Raises `PackageInvalid`."""
    # Keras takes seconds to import and must stay out of web processes.
    from inference.engine.classifier import CellClassifier

    return FieldAnalyser(package, CellClassifier(package))


class FieldAnalyser:
    """Analyses fields with one model."""

    def __init__(self, package: ModelPackage, classifier: Classifier) -> None:
        self.package = package
        self._classifier = classifier
        self._segment = segmenter(package.card["segmenter"])

    def analyse(
        self, rgb: Rgb, mpp: float | None = None, progress: Progress | None = None
    ) -> FieldResult:
        """Analyse one picture. rgb: (H, W, 3) uint8. Raises `FieldTooLarge`."""
        return self.analyse_batch([FieldInput(rgb, mpp)], progress)[0]

    def analyse_batch(
        self, fields: Sequence[FieldInput], progress: Progress | None = None
    ) -> list[FieldResult]:
        """Analyse several pictures; their cells share the model's batches.

        Raises `FieldTooLarge` before anything is analysed.
        """
        for field in fields:
            _check_size(field.rgb)
        tell = progress or (lambda share, words: None)
        prepared = []
        for number, field in enumerate(fields):
            tell(0.8 * number / len(fields), f"finding cells in picture {number + 1}")
            prepared.append(self._prepare(field))
        tell(0.8, "classifying cells")
        results = self._classify(prepared)
        tell(1.0, "done")
        return results

    def _prepare(self, field: FieldInput) -> _Prepared:
        start = perf_counter()
        found = self._segment(field.rgb)
        segmented = perf_counter()
        crops = cut_cells(field.rgb, found, self.package.crops)
        shapes = measure_shapes(found, field.mpp, field.rgb)
        cut = perf_counter()
        quality = quality_of(field.rgb, found)
        timings = {
            "segmentation": _ms(start, segmented),
            "crops": _ms(segmented, cut),
            "quality": _ms(cut, perf_counter()),
        }
        return _Prepared(field, found, quality, shapes, crops, timings)

    def _classify(self, prepared: Sequence[_Prepared]) -> list[FieldResult]:
        if not prepared:
            return []
        start = perf_counter()
        logits = self._classifier.logits(np.concatenate([one.crops.pixels for one in prepared]))
        # The model's time is shared among the fields by their number of cells.
        each = _ms(start, perf_counter()) / max(1, len(logits))
        bounds = np.cumsum([len(one.crops.pixels) for one in prepared])[:-1]
        return [
            self._result(one, part, round(each * len(part), 2))
            for one, part in zip(prepared, np.split(logits, bounds), strict=True)
        ]

    def _result(self, one: _Prepared, logits: Floats, model_ms: float) -> FieldResult:
        weights = cell_weights(one.crops.usable)
        cells = self._cells(one.shapes, logits, weights)
        timings = {**one.timings_ms, "classifier": model_ms}
        timings["total"] = round(sum(timings.values()), 2)
        usable = int(one.crops.usable.sum())
        enough = usable >= self.package.decision.minimum_cells
        temperature = self.package.decision.temperature
        probabilities = softmax(pool(logits, weights) / temperature) if enough else None
        chosen = self._set(probabilities) if probabilities is not None else ()
        return FieldResult(
            status="ok" if enough else "insufficient",
            reason=None if enough else self._too_few(usable, len(cells)),
            quality=one.quality,
            width=one.field.rgb.shape[1],
            height=one.field.rgb.shape[0],
            mpp=one.field.mpp,
            # The set begins with the most probable class.
            label=chosen[0] if chosen else None,
            decision=_decision(chosen),
            probabilities=self._named(probabilities),
            prediction_set=chosen,
            cells=cells,
            count=count_cells(cells, self.package.classes),
            masks=one.found.cells,
            timings_ms=timings,
        )

    def _cells(self, shapes: list[Shape], logits: Floats, weights: Floats) -> list[CellFinding]:
        probabilities = softmax(logits / self.package.decision.cell_temperature)
        return [
            self._cell(number, shape, row, float(weight))
            for number, (shape, row, weight) in enumerate(
                zip(shapes, probabilities, weights, strict=True), start=1
            )
        ]

    def _cell(self, number: int, shape: Shape, probabilities: Floats, weight: float) -> CellFinding:
        chosen = self._set(probabilities)
        label = _decision(chosen)
        return CellFinding(
            id=number,
            bbox=shape.bbox,
            area_px=shape.area_px,
            contour=shape.contour,
            label=label,
            cell_class=self._cell_class(chosen),
            probabilities=self._named(probabilities),
            prediction_set=chosen,
            weight=round(weight, 6),
            morphology=shape.measures,
        )

    def _cell_class(self, chosen: tuple[str, ...]) -> str:
        """The code that all classes of the set share: unsure which blast is still a blast."""
        codes = {self.package.cell_class_of[name] for name in chosen}
        return codes.pop() if len(codes) == 1 else UNIDENTIFIED

    def _set(self, probabilities: Floats) -> tuple[str, ...]:
        chosen = prediction_set(probabilities, self.package.decision.coverage)
        return tuple(self.package.classes[index] for index in chosen)

    def _named(self, probabilities: Floats | None) -> dict[str, float]:
        if probabilities is None:
            return {}
        return {
            name: round(float(value), 6)
            for name, value in zip(self.package.classes, probabilities, strict=True)
        }

    def _too_few(self, usable: int, found: int) -> str:
        least = self.package.decision.minimum_cells
        cut = f" ({found - usable} more are cut by the border)" if found > usable else ""
        return (
            f"{usable} whole white cells found{cut}; at least {least} are needed. "
            "Add fields with more white cells."
        )


def count_cells(
    cells: Sequence[CellFinding], classes: Sequence[str]
) -> dict[str, int | dict[str, int]]:
    """White cells, blasts, cells of each class of the model, and those it is unsure of."""
    labels = Counter(cell.label for cell in cells)
    return {
        "white_cells": len(cells),
        "blasts": sum(cell.cell_class == "blast" for cell in cells),
        "by_class": {name: labels[name] for name in classes},
        "unsure": labels[UNSURE],
    }


def _decision(chosen: tuple[str, ...]) -> str:
    if not chosen:
        return INSUFFICIENT
    return chosen[0] if len(chosen) == 1 else UNSURE


def _check_size(rgb: Rgb) -> None:
    pixels = rgb.shape[0] * rgb.shape[1]
    if pixels > MOST_PIXELS:
        raise FieldTooLarge(
            f"The picture has {pixels / 1e6:.0f} million pixels; a field may have "
            f"{MOST_PIXELS / 1e6:.0f} million. Cut it into fields."
        )


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 2)
