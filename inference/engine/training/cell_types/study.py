"""The errand of a training machine: from pictures of single cells to a types package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.engine.crops import CropSettings
from inference.engine.package import Part
from inference.engine.training.cell_types.augment import views
from inference.engine.training.cell_types.dataset import (
    TypeCells,
    Wrap,
    load_type_cells,
    own_scale_crops,
    standard_crops,
)
from inference.engine.training.cell_types.decision import TypeDecision, decide
from inference.engine.training.cell_types.loop import TypeSettings, train_types, type_logits
from inference.engine.training.cell_types.manifest import TRAINING, VALIDATION, TypeManifest, scan
from inference.engine.training.cell_types.publish import make_card, publish_part
from inference.engine.training.publish import Edition
from inference.engine.types import Progress
from inference.engine.zoo.registry import build


@dataclass(frozen=True, slots=True, eq=False)
class TypeStudy:
    """What a training run rests on. cache: scratch folder for checkpoints."""

    manifest: TypeManifest
    cells: TypeCells
    settings: TypeSettings
    crops: CropSettings
    cache: Path


def open_type_study(
    data: Path,
    cache: Path,
    settings: TypeSettings,
    *,
    limit: int | None = None,
    wrap: Wrap = lambda paths: paths,
) -> TypeStudy:
    """Manifest and cells of the pictures below `data`. Raises `ManifestInvalid`.

    limit: only about this many pictures, for a trial run. wrap: a progress bar over them.
    """
    manifest = scan(data, limit=limit)
    cells = load_type_cells(manifest, cache, wrap)
    return TypeStudy(manifest, cells, settings, CropSettings(), cache)


def train_types_package(
    study: TypeStudy,
    edition: Edition,
    *,
    figures: Sequence[Mapping[str, Any]],
    command: str,
    progress: Progress | None = None,
) -> Part:
    """Train on the training part, decide on the validation part, publish.

    A killed run goes on at its last whole epoch; the held-out part is not looked at.
    """
    taught = study.cells.of_part(TRAINING)
    model = train_types(
        views(taught, study.crops),
        taught.label,
        study.settings,
        # Kept after the end: the same command with new figures writes only a new card.
        checkpoint=study.cache / "types" / study.manifest.sha256[:16],
        progress=progress,
    )
    served = as_served(model, study)
    card = make_card(
        study.manifest,
        study.settings,
        study.crops,
        decide_on_validation(served, study),
        edition,
        figures=figures,
        command=command,
    )
    return publish_part(served, card, edition)


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
