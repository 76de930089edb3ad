"""One picture in, one result out: segmentation, crops, classifier, pooling, decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

import numpy as np

from inference.engine.cell_types import CellTypes, load_cell_types
from inference.engine.crops import MOST_CUT, Crops, FieldCrops, cut_cells
from inference.engine.evidence import References, load_references
from inference.engine.field_head import FieldHead, attention_weights, load_head
from inference.engine.findings import CellReader, count_cells, decision_of
from inference.engine.morphology import Shape, measure_shapes
from inference.engine.package import SEGMENTATION, TYPES, ModelPackage, part_of
from inference.engine.pooling import pool, softmax
from inference.engine.quality import MESSAGES, MOST_PIXELS, quality_of
from inference.engine.segmentation import Segmenter, segmenter
from inference.engine.segmentation.unet import UnetSegmenter, network_of
from inference.engine.types import (
    CellScores,
    FieldInput,
    FieldResult,
    Floats,
    Progress,
    Quality,
    Rgb,
    Segmentation,
)
from inference.engine.view import find_view


class FieldTooLarge(ValueError):
    """A picture above `MOST_PIXELS`; the text is a sentence for the user."""


class Classifier(Protocol):
    """What the analyser needs of a model."""

    def scores(self, crops: Crops) -> CellScores:
        """(n, side, side, 3) uint8 crops -> what the network says of n cells."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """All that a model brings. head: None where a field is the mean of its cells' words."""

    classifier: Classifier
    segment: Segmenter
    head: FieldHead | None = None
    types: CellTypes | None = None
    references: References | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A field on its way: everything but the classifier's word. rgb: what of it is picture."""

    field: FieldInput
    rgb: Rgb
    found: Segmentation
    quality: Quality
    shapes: list[Shape]
    crops: FieldCrops
    timings_ms: dict[str, float]


def load_analyser(package: ModelPackage) -> FieldAnalyser:
    """An analyser with the model of `package` in memory. Raises `PackageInvalid`."""
    # Keras takes seconds to import and must stay out of web processes.
    from inference.engine.classifier import CellClassifier

    drawn_by, types = part_of(package, SEGMENTATION), part_of(package, TYPES)
    networks = Networks(
        CellClassifier(package),
        UnetSegmenter(network_of(drawn_by)) if drawn_by else segmenter(package.card.segmenter),
        load_head(package) if "field_head" in package.card.files else None,
        load_cell_types(types) if types else None,
        load_references(package),
    )
    return FieldAnalyser(package, networks)


class FieldAnalyser:
    """Analyses fields with one model."""

    def __init__(self, package: ModelPackage, networks: Networks) -> None:
        self.package = package
        self._networks = networks
        self._reader = CellReader(package, networks.types, networks.references)

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
        view = find_view(field.rgb)
        rgb = view.rgb if view else field.rgb
        found = self._networks.segment(rgb)
        segmented = perf_counter()
        crops = cut_cells(rgb, found, self.package.crops)
        if view:
            crops = replace(crops, usable=crops.usable & ~view.cut(found, MOST_CUT))
        shapes = measure_shapes(found, field.mpp, rgb)
        cut = perf_counter()
        quality = quality_of(rgb, found, view)
        timings = {
            "segmentation": _ms(start, segmented),
            "crops": _ms(segmented, cut),
            "quality": _ms(cut, perf_counter()),
        }
        return _Prepared(field, rgb, found, quality, shapes, crops, timings)

    def _classify(self, prepared: Sequence[_Prepared]) -> list[FieldResult]:
        if not prepared:
            return []
        start = perf_counter()
        scores = self._networks.classifier.scores(
            np.concatenate([one.crops.pixels for one in prepared])
        )
        types = self._types(prepared)
        # The models' time is shared among the fields by their number of cells.
        each = _ms(start, perf_counter()) / max(1, len(scores))
        results, end = [], 0
        for one in prepared:
            begin, end = end, end + len(one.crops.pixels)
            named = None if types is None else types[begin:end]
            milliseconds = round(each * (end - begin), 2)
            results.append(self._result(one, scores.of(slice(begin, end)), named, milliseconds))
        return results

    def _types(self, prepared: Sequence[_Prepared]) -> Floats | None:
        types = self._networks.types
        if types is None:
            return None
        if types.crops == self.package.crops:
            crops = [one.crops.pixels for one in prepared]
        else:
            crops = [cut_cells(one.rgb, one.found, types.crops).pixels for one in prepared]
        return types.probabilities(np.concatenate(crops))

    def _result(
        self, one: _Prepared, scores: CellScores, types: Floats | None, model_ms: float
    ) -> FieldResult:
        weights = attention_weights(scores, one.crops.usable)
        cells = self._reader.read(one.shapes, scores, weights, one.crops.usable, types)
        timings = {**one.timings_ms, "classifier": model_ms}
        timings["total"] = round(sum(timings.values()), 2)
        usable = int(one.crops.usable.sum())
        decision = self.package.decision
        probabilities: Floats | None = None
        chosen: tuple[str, ...] = ()
        if usable >= decision.minimum_cells and not _is_grey(one.quality):
            probabilities = softmax(self._field_scores(scores, weights) / decision.temperature)
            chosen = self._reader.set_of(probabilities, decision.coverage)
        return FieldResult(
            status="ok" if chosen else "insufficient",
            reason=None if chosen else self._why_not(one.quality, usable, len(cells)),
            quality=one.quality,
            width=one.field.rgb.shape[1],
            height=one.field.rgb.shape[0],
            mpp=one.field.mpp,
            # The set begins with the most probable class.
            label=chosen[0] if chosen else None,
            decision=decision_of(chosen),
            probabilities=self._reader.named(probabilities),
            prediction_set=chosen,
            cells=cells,
            count=count_cells(cells, self.package.classes),
            masks=one.found.cells,
            timings_ms=timings,
        )

    def _field_scores(self, scores: CellScores, weights: Floats) -> Floats:
        head = self._networks.head
        return head.scores(scores, weights) if head else pool(scores.logits, weights)

    def _why_not(self, quality: Quality, usable: int, found: int) -> str:
        if _is_grey(quality):
            return MESSAGES["no_colour"]
        least = self.package.decision.minimum_cells
        cut = f" ({found - usable} more are cut by the border)" if found > usable else ""
        return (
            f"{usable} whole white cells found{cut}; at least {least} are needed. "
            "Add fields with more white cells."
        )


def _is_grey(quality: Quality) -> bool:
    return any(warning.code == "no_colour" for warning in quality.warnings)


def _check_size(rgb: Rgb) -> None:
    pixels = rgb.shape[0] * rgb.shape[1]
    if pixels > MOST_PIXELS:
        raise FieldTooLarge(
            f"The picture has {pixels / 1e6:.0f} million pixels; a field may have "
            f"{MOST_PIXELS / 1e6:.0f} million. Cut it into fields."
        )


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 2)
