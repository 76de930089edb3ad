"""From a trained model to a package folder: weights, card, and nothing half-written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.engine.package import CARD, FIELD, SCHEMA, ModelPackage, read_package, save_weights
from inference.engine.training.calibrate import Calibration
from inference.engine.training.rounds import Study

MINIMUM_CELLS = 2
# Single cells have no label of their own to calibrate on: they keep what training gave them.
CELL_TEMPERATURE = 1.0

CELL_CLASS_OF = {"Benign": "lymphocyte", "Early": "blast", "Pre": "blast", "Pro": "blast"}
"""Benign fields of this data show haematogones: normal lymphoid precursors, not blasts."""

SOURCE = {
    "name": "Acute Lymphoblastic Leukemia (ALL) image dataset (Taleqani Hospital, Tehran)",
    "reference": "Aria et al. 2021, DOI 10.34740/KAGGLE/DSV/2175623; Ghaderzadeh et al. 2021",
    "terms": "Contradictory (ODbL on one page, no redistribution on another): no image is part of "
    "this package; only weights and figures learned from them are.",
}
CLINICAL_POSITION = (
    "A morphological suggestion. Early Pre-B, Pre-B and Pro-B rest on immunophenotype and are "
    "confirmed by flow cytometry. A pathologist reads every field and signs; this model does not."
)
LIMITS = (
    "Learned from one hospital, one stain and few patients (14 appearance groups); no patient "
    "numbers exist for this data, so smear groups stand in for patients.",
    "On a smear unlike those it saw, the most probable class is often wrong: read the figures by "
    "appearance group, not those of the random split.",
    "Every cell of a training field carries the label of its field, so a normal cell in a "
    "leukaemic field was shown as a blast; a single cell's label is weaker than the field's.",
    "Segmentation follows stain, not learning: lobed nuclei are sometimes counted as two cells, "
    "pale smudge cells are drawn in part, outlines run about one pixel wide of a hand-drawn edge.",
    "Training is not exactly repeatable across machines: figures repeat within about a point. They "
    "were taken before segmentation learned to refuse fields without nuclei, which turns about "
    "0.2 % of these fields into insufficient ones.",
    "Knows four classes only. Granulocytes, monocytes, smudge cells and dirt are forced into one.",
    "The probability of a class is calibrated on fields held out by whole groups of this data; "
    "elsewhere, and for single cells, it is not calibrated.",
)

TRIED = (
    "Densities standardised over the cells of each field, heavier augmentation, 8 epochs: accuracy "
    "59.5 % by appearance rounds, 69.6 % at random. Dropped for the crops used now after both "
    "figures were seen, so the figures of this card are not those of a first and only look.",
    "The thresholds that refuse fields without nuclei were set on the stain signal of these fields "
    "and of the same fields with their cells painted out; labels played no part.",
)


@dataclass(frozen=True, slots=True)
class Edition:
    """Name and version of a package, and where packages lie."""

    name: str
    version: str
    root: Path

    @property
    def path(self) -> Path:
        """Folder of this package."""
        return self.root / self.name / self.version


def publish(
    model: keras.Model,
    study: Study,
    calibration: Calibration,
    edition: Edition,
    *,
    figures: Sequence[Mapping[str, Any]],
    command: str,
) -> ModelPackage:
    """Write the package aside, check it, and only then give it its name.

    An older folder of the same edition is replaced.
    """
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    digest = save_weights(aside / "weights.npz", [np.asarray(w) for w in model.get_weights()])
    card = make_card(study, calibration, edition, digest, figures=figures, command=command)
    (aside / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    read_package(aside)
    shutil.rmtree(edition.path, ignore_errors=True)
    aside.rename(edition.path)
    return read_package(edition.path)


def make_card(
    study: Study,
    calibration: Calibration,
    edition: Edition,
    digest: str,
    *,
    figures: Sequence[Mapping[str, Any]],
    command: str,
) -> dict[str, Any]:
    """The card: what the model is, what it saw, how good it is, what it must not be used for."""
    return {
        "schema": SCHEMA,
        "kind": FIELD,
        "name": edition.name,
        "version": edition.version,
        "architecture": study.settings.arch,
        "classes": list(study.classes),
        "cell_class_of": {name: CELL_CLASS_OF.get(name, "unidentified") for name in study.classes},
        "segmenter": study.method,
        "crops": asdict(study.crops),
        "decision": {
            **asdict(calibration),
            "minimum_cells": MINIMUM_CELLS,
            "cell_temperature": CELL_TEMPERATURE,
        },
        "weights": {"file": "weights.npz", "sha256": digest, "dtype": "float16"},
        "training": {
            "source": SOURCE,
            "manifest_sha256": study.manifest.sha256,
            "fields": len(study.manifest.entries),
            "cells": len(study.cells.crops),
            "settings": asdict(study.settings),
            "backend": keras.backend.backend(),
            "command": command,
        },
        "figures": list(figures),
        "limits": list(LIMITS),
        "tried": list(TRIED),
        "clinical_position": CLINICAL_POSITION,
    }
