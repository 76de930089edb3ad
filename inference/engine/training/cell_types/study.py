"""The errand of a training machine: from pictures of single cells to a types package."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.engine.cell_types import CELL_CLASS_OF
from inference.engine.crops import Crops
from inference.engine.package import TYPES, Part
from inference.engine.sizes import CropSettings
from inference.engine.training.cell_types.augment import views
from inference.engine.training.cell_types.dataset import (
    METHOD,
    TypeCells,
    Wrap,
    load_type_cells,
    own_scale_crops,
    standard_crops,
)
from inference.engine.training.cell_types.decision import TypeDecision, decide
from inference.engine.training.cell_types.loop import (
    TypeData,
    TypeSettings,
    train_types,
    type_logits,
)
from inference.engine.training.cell_types.manifest import TRAINING, VALIDATION, TypeManifest, scan
from inference.engine.training.cell_types.strangers import HELD_OUT_GROUPS, field_cells, taught
from inference.engine.training.packages import (
    Edition,
    Told,
    check_words,
    make_card,
    publish_part,
)
from inference.engine.types import UNIDENTIFIED, Progress
from inference.engine.zoo.registry import build


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


def train_types_package(
    study: TypeStudy,
    edition: Edition,
    *,
    told: Told,
    progress: Progress | None = None,
) -> Part:
    """Train on the training part, decide on the validation part, publish.

    A killed run goes on at its last whole epoch; the held-out part is not looked at.
    """
    check_words(edition, told.notes)
    known = study.cells.of_part(TRAINING)
    data = TypeData(views(known, study.crops), known.label, study.strangers)
    # Kept after the end: the same command with new figures writes only a new card.
    kept = study.cache / "types" / f"{study.manifest.sha256[:12]}-{str(study.fields_sha256)[:12]}"
    model = train_types(data, study.settings, checkpoint=kept, progress=progress)
    served = as_served(model, study)
    card = make_card(
        TYPES,
        edition,
        told,
        architecture=study.settings.arch,
        training=_training(study),
        more=_of_types(study, decide_on_validation(served, study)),
    )
    return publish_part(card, served.get_weights(), edition, told.notes)


def _of_types(study: TypeStudy, decision: TypeDecision) -> dict[str, Any]:
    classes = study.manifest.classes
    return {
        "classes": list(classes),
        "cell_class_of": {name: CELL_CLASS_OF.get(name, UNIDENTIFIED) for name in classes},
        "crops": asdict(study.crops),
        "decision": {**asdict(decision), "rule": decision.rule},
    }


def _training(study: TypeStudy) -> dict[str, Any]:
    """What the network saw, for its card."""
    pictures = Counter(entry.part for entry in study.manifest.entries)
    strangers = {
        "cells": len(study.strangers),
        "manifest_sha256": study.fields_sha256,
        "groups_left_out": sorted(HELD_OUT_GROUPS),
    }
    return {
        "manifest_sha256": study.manifest.sha256,
        "segmenter": METHOD,
        "pictures": dict(sorted(pictures.items())),
        "strangers": strangers if study.fields_sha256 else None,
        "settings": asdict(study.settings),
    }


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
