"""The two errands of a training machine: prepare a study, and make a package from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from inference.engine.package import ModelPackage
from inference.engine.segmentation import DEFAULT
from inference.engine.sizes import CropSettings
from inference.engine.training.bags import train_bags
from inference.engine.training.calibrate import Calibration, calibrate
from inference.engine.training.data import TrainingSettings
from inference.engine.training.dataset import load_cells
from inference.engine.training.manifest import ManifestInvalid, check_hashes, read_manifest
from inference.engine.training.packages import Edition, Told, check_words
from inference.engine.training.publish import MINIMUM_CELLS, Findings, parts_beside, publish
from inference.engine.training.rounds import HeldOut, Study, held_out, training_data
from inference.engine.training.splits import SPLITS
from inference.engine.types import Progress

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


def train_package(
    study: Study,
    edition: Edition,
    *,
    calibrate_on: str,
    told: Told,
    progress: Progress | None = None,
) -> ModelPackage:
    """Calibrate on held-out rounds of the split `calibrate_on`, train on all fields, publish.

    A killed run goes on at its last whole round: finished ones are kept in the cache.
    """
    tell = progress or (lambda share, words: None)
    # Asked first: what is missing should not be found out after an hour of training.
    check_words(edition, told.notes)
    parts = parts_beside(study, edition.root)
    found = held_out(
        study,
        list(SPLITS[calibrate_on](study.manifest.entries)),
        lambda share, words: tell(0.5 * share, f"calibration, {words}"),
    )
    model = train_bags(
        training_data(study, np.arange(len(study.manifest.entries))),
        study.settings,
        lambda share, words: tell(0.5 + 0.2 * share, f"final model, {words}"),
    )
    return publish(
        model,
        study,
        Findings(*calibrations(study, found), parts, told),
        edition,
        lambda share, words: tell(0.7 + 0.3 * share, f"audit, {words}"),
    )


def calibrations(study: Study, found: HeldOut) -> tuple[Calibration, Calibration]:
    """Of fields with cells enough, and of single cells, each by its field's label."""
    enough = found.cells >= MINIMUM_CELLS
    fields = calibrate(found.scores[enough], study.label[found.fields[enough]])
    return fields, calibrate(found.cell_scores, study.label[found.cell_field])
