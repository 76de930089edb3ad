"""A study of single cells: prepared, trained, decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from inference.engine.crops import Crops
from inference.engine.sizes import CropSettings
from inference.engine.types import Progress
from inference.engine.zoo.registry import build
from inference.lab.data.single_cells import (
    METHOD,
    TypeCells,
    Wrap,
    load_type_cells,
    own_scale_crops,
    standard_crops,
)
from inference.lab.data.singles import TRAINING, VALIDATION, TypeManifest, scan
from inference.lab.data.strangers import field_cells, taught
from inference.lab.train.types.augment import views
from inference.lab.train.types.decision import TypeDecision, decide
from inference.lab.train.types.loop import (
    TypeData,
    TypeSettings,
    train_types,
    type_logits,
)


@dataclass(frozen=True, slots=True, eq=False)
class TypeStudy:
    """What a training run rests on. cache: scratch folder for checkpoints.

    strangers: (m, side, side, 3) uint8 crops of cells of no class. fields_sha256: of the manifest
    they come from, None where there are none.
    """

    manifest: TypeManifest
    cells: TypeCells
    strangers: Crops
    fields_sha256: str | None
    settings: TypeSettings
    crops: CropSettings
    cache: Path


def open_type_study(
    data: Path,
    fields: Path | None,
    cache: Path,
    settings: TypeSettings,
    *,
    limit: int | None = None,
    wrap: Wrap = lambda paths: paths,
) -> TypeStudy:
    """Manifest and cells of the pictures below `data`. Raises `ManifestInvalid`.

    fields: folder of the labelled fields whose blasts are strangers, None for no strangers.
    limit: only about this many pictures, for a trial run. wrap: a progress bar over them.
    """
    crops = CropSettings()
    manifest = scan(data, limit=limit)
    cells = load_type_cells(manifest, cache, wrap)
    strangers, sha256 = _strangers(fields, cache, crops, limit)
    return TypeStudy(manifest, cells, strangers, sha256, settings, crops, cache)


def _strangers(
    fields: Path | None, cache: Path, crops: CropSettings, limit: int | None
) -> tuple[Crops, str | None]:
    if fields is None:
        return np.zeros((0, crops.side, crops.side, 3), np.uint8), None
    manifest, cells = field_cells(fields, cache, crops, method=METHOD, limit=limit)
    return cells.crops[taught(manifest, cells)], manifest.sha256


def trained(study: TypeStudy, progress: Progress | None = None) -> tuple[keras.Model, TypeDecision]:
    """The network as it will be served, trained on the training part, decided on the validation.

    A killed run goes on at its last whole epoch; the held-out part is not looked at.
    """
    known = study.cells.of_part(TRAINING)
    data = TypeData(views(known, study.crops), known.label, study.strangers)
    # Kept after the end: the same command with new figures writes only a new card.
    kept = study.cache / "types" / f"{study.manifest.sha256[:12]}-{str(study.fields_sha256)[:12]}"
    served = as_served(train_types(data, study.settings, checkpoint=kept, progress=progress), study)
    return served, decide_on_validation(served, study)


def as_served(model: keras.Model, study: TypeStudy) -> keras.Model:
    """The same network in float32 with weights rounded as a package stores them."""
    served = build(study.settings.arch, study.crops.side, len(study.manifest.classes))
    rounded = [np.asarray(w, np.float16).astype(np.float32) for w in model.get_weights()]
    served.set_weights(rounded)
    return served


def decide_on_validation(model: keras.Model, study: TypeStudy) -> TypeDecision:
    """Temperature and threshold for cells at both scales in which a field may show them."""
    cells = study.cells.of_part(VALIDATION)
    crops = [standard_crops(cells, study.crops), own_scale_crops(cells, study.crops)]
    logits = np.concatenate([type_logits(model, one) for one in crops])
    return decide(logits, np.tile(cells.label, len(crops)))
