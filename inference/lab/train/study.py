"""A study of labelled fields: prepared, and calibrated on what its rounds left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from inference.engine.segmentation import DEFAULT
from inference.engine.sizes import CropSettings
from inference.lab.data.cells import load_cells
from inference.lab.data.manifest import ManifestInvalid, check_hashes, read_manifest
from inference.lab.train.calibrate import MINIMUM_CELLS, Calibration, calibrate
from inference.lab.train.rounds import HeldOut, Study
from inference.lab.train.settings import TrainingSettings

Wrap = Callable[[Sequence[str]], Sequence[str]]


def open_study(
    data: Path,
    cache: Path,
    settings: TrainingSettings,
    *,
    limit: int | None = None,
    wrap: Wrap = lambda paths: paths,
) -> Study:
    """Manifest and cells of the labelled fields below `data`. Raises `ManifestInvalid`.

    limit: only about this many fields, for a trial run. wrap: a progress bar over the fields.
    """
    manifest = read_manifest(data, limit=limit)
    check_hashes(manifest)
    classes = tuple(sorted(set(manifest.labels())))
    if len(classes) < 2:
        raise ManifestInvalid("The manifest names one class only; a model needs two or more.")
    crops = CropSettings()
    cells = load_cells(manifest, crops, method=DEFAULT, cache=cache, wrap=wrap)
    return Study(manifest, cells, classes, crops, DEFAULT, settings, cache)


def calibrations(study: Study, found: HeldOut) -> tuple[Calibration, Calibration]:
    """Of fields with cells enough, and of single cells, each by its field's label."""
    enough = found.cells >= MINIMUM_CELLS
    fields = calibrate(found.scores[enough], study.label[found.fields[enough]])
    return fields, calibrate(found.cell_scores, study.label[found.cell_field])
