"""What an answer costs: the same cells through every way of running one network, side by side.

Ways, each given the cells of one field at a time:
seeds      the model is loaded and `predict` called for each picture, as in the source papers
predict    `model.predict`, loaded once
tensorflow one compiled function, fixed batches
bare       the fastest runtime's forward pass alone, compiled for exactly this number of cells
ours       what the analyser calls
"""

from __future__ import annotations

import logging
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

import keras
import numpy as np

from benchmarks.turnaround import summary
from inference.engine.analyser import FieldAnalyser, load_analyser
from inference.engine.classifier import CellClassifier
from inference.engine.crops import Crops, cut_cells
from inference.engine.files import analyse_files
from inference.engine.package import ModelPackage
from inference.engine.segmentation import segmenter
from inference.engine.serving.cpu import CpuForward, write_ir
from inference.engine.serving.gpu import GpuForward
from inference.engine.serving.runtime import BATCHES
from inference.engine.serving.trained import cell_network
from inference.engine.sizes import CropSettings
from inference.engine.zoo.registry import build
from telepath.core.images import decode

Way = Callable[[Crops], object]
NO_CROPS: Crops = np.zeros((0, 1, 1, 3), np.uint8)

TIMES = 7
"""Each quick way meets each field this often; the quickest counts, for other programs disturb."""
SLOW_FIELDS = 5
"""Fields that the seeds' way gets: it takes seconds for each."""


class Cost(NamedTuple):
    """Milliseconds. wall: until the answer. processor: on all cores together.

    On a machine that does nothing else the answer takes no longer than the processor time, and on
    a busy one the processor time stays what it is.
    """

    wall: float
    processor: float


def measure(
    package: ModelPackage, files: Sequence[Path], watch: Callable[[Iterable[Path]], Iterable[Path]]
) -> dict[str, Any]:
    """All figures, in milliseconds a field and as ratios. watch: wraps the fields in progress."""
    analyser = load_analyser(package)
    with TemporaryDirectory(prefix="benchmark-") as folder:
        ways = _ways(package, Path(folder))
        seeds = ways.pop("seeds")
        cells = [_cells(path, package.crops) for path in files]
        rows = [_row(ways, crops) for _, crops in zip(watch(files), cells, strict=True)]
        slow = [_once(seeds, crops) for crops in cells[:SLOW_FIELDS]]
    medians = {name: statistics.median(row[name].wall for row in rows) for name in ways}
    medians = {"seeds": statistics.median(one.wall for one in slow), **medians}
    return {
        "fields": len(files),
        "cells_median": statistics.median(len(crops) for crops in cells),
        "classifier_ms": {name: round(value, 3) for name, value in medians.items()},
        "times_ours": {name: round(value / medians["ours"], 2) for name, value in medians.items()},
        "ours_to_bare": _ratio(rows),
        "field_ms": whole_fields(analyser, files),
    }


def whole_fields(analyser: FieldAnalyser, files: Sequence[Path]) -> dict[str, Any]:
    """File to answer, warm: median and 95th percentile of each stage and of all, milliseconds."""
    lines = [_whole_field(analyser, path) for path in [files[0], *files]][1:]
    return {name: _spread([line.get(name, 0.0) for line in lines]) for name in lines[0]}


def _whole_field(analyser: FieldAnalyser, path: Path) -> dict[str, float]:
    found: list[dict[str, Any]] = []
    cost = _once(lambda _: found.extend(analyse_files([path], analyser)), NO_CROPS)
    stages = {name: ms for name, ms in found[0]["timings_ms"].items() if name != "total"}
    # What is left is reading the file, its hash, and making plain values of the result.
    rest = max(0.0, cost.wall - sum(stages.values()))
    return {**stages, "file": rest, "all": cost.wall, "all, processor": cost.processor}


def _ways(package: ModelPackage, folder: Path) -> dict[str, Way]:
    # It warns that the slow ways are slow, once a field.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    model = cell_network(package)
    saved = folder / "model.weights.h5"
    model.save_weights(saved)
    write_ir(model, folder)
    return {
        "seeds": lambda crops: _loaded(package, saved).predict(_floats(crops), verbose=0),
        "predict": lambda crops: model.predict(_floats(crops), verbose=0),
        "tensorflow": GpuForward(model, BATCHES),
        "bare": _Bare(folder),
        "ours": CellClassifier(package).scores,
    }


def _loaded(package: ModelPackage, saved: Path) -> keras.Model:
    """The model from its file, as the seeds' application reads it for each picture."""
    model = build(package.card.architecture, package.crops.side, len(package.classes))
    model.load_weights(saved)
    return model


class _Bare:
    """The runtime alone: no copy in or out, no padding, one compiled model for each count."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[int, Callable[[], object]] = {}

    def __call__(self, crops: Crops) -> None:
        if len(crops) not in self._runs:
            self._runs[len(crops)] = CpuForward(self._folder, [len(crops)]).bare(crops)
        self._runs[len(crops)]()


def _row(ways: Mapping[str, Way], crops: Crops) -> dict[str, Cost]:
    """What each way costs. They take turns, so that load that comes and goes meets all alike."""
    for way in ways.values():
        way(crops)
    rounds = [{name: _once(way, crops) for name, way in ways.items()} for _ in range(TIMES)]
    return {
        name: Cost(*(min(costs) for costs in zip(*(one[name] for one in rounds), strict=True)))
        for name in ways
    }


def _once(way: Way, crops: Crops) -> Cost:
    wall, processor = perf_counter(), process_time()
    way(crops)
    return Cost(1000 * (perf_counter() - wall), 1000 * (process_time() - processor))


def _ratio(rows: Sequence[Mapping[str, Cost]]) -> dict[str, float]:
    """Ours to bare for each field, and of that the median."""
    pairs = [[ours / bare for ours, bare in zip(r["ours"], r["bare"], strict=True)] for r in rows]
    medians = [statistics.median(column) for column in zip(*pairs, strict=True)]
    return {name: round(value, 3) for name, value in zip(Cost._fields, medians, strict=True)}


def _cells(path: Path, settings: CropSettings) -> Crops:
    """At least one cell: an empty field costs nothing in any way."""
    rgb = decode(path).pixels
    crops = cut_cells(rgb, segmenter()(rgb), settings).pixels
    return crops if len(crops) else np.zeros((1, settings.side, settings.side, 3), np.uint8)


def _floats(crops: Crops) -> Any:
    return crops.astype(np.float32)


def _spread(milliseconds: list[float]) -> dict[str, float]:
    figures = summary(milliseconds)
    return {"p50": round(figures["p50"], 2), "p95": round(figures["p95"], 2)}
