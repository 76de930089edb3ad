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

from inference.engine.analyser import load_analyser
from inference.engine.evaluation.audit import audit
from inference.engine.evidence import save_references
from inference.engine.field_head import save_head
from inference.engine.package import (
    CARD,
    FIELD,
    SCHEMA,
    SEGMENTATION,
    TYPES,
    ModelPackage,
    PackageInvalid,
    Part,
    find_part,
    read_package,
    read_part,
    save_weights,
)
from inference.engine.training.bags import BagClassifier
from inference.engine.training.calibrate import Calibration
from inference.engine.training.manifest import thinned
from inference.engine.training.references import choose_references
from inference.engine.training.rounds import Study
from inference.engine.types import Progress

MINIMUM_CELLS = 2

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
    "What is decided and wrong on one smear never seen moves much between trainings: of one Benign "
    "smear 28.9, 11.6, 43.0 and 38.0 % in four editions, all called leukaemic.",
    "Every cell of a training field carries the label of its field, so a normal cell in a "
    "leukaemic field was shown as a blast; a single cell's label is weaker than the field's.",
    "The stain of the cells themselves still helps it: cells carry their smear's dye, and each "
    "smear of this data has one class. The audit shows what is left under other stains.",
    "Training is not exactly repeatable across machines: figures repeat within about a point.",
    "Knows four classes only; the type network names granulocytes and monocytes beside it.",
    "Probabilities are calibrated on fields and cells held out by whole groups of this data.",
)

TRIED = (
    "Edition 1.0.0: a small convolutional network trained end to end on single cells, mean log "
    "probability over cells. 76.3 % by appearance rounds, 86.8 % by fold, 90.1 % at random.",
    "A residual network on bags of six cells, end to end, nine epochs: 84.2 % on fold 0.",
    "Filters learned without labels, mean and spread over the cells of a field, then a support "
    "vector machine: 89.5 to 91.2 % by appearance rounds, 94.7 to 95.5 % by fold. The spread "
    "over the cells (how unlike they are) gave up to ten points on groups never seen.",
    "Filters learned from another data set (pbc_cells): about five points less on fold 0. Filters "
    "without the fine bank: three points less. Stain-free texture alone: 82.7 to 85.3 % by rounds.",
    "Edition 1.1.0, on cells drawn by wbc-unet 1.0.0: 92.4 % by appearance rounds, 96.5 % by fold, "
    "99.0 % at random, and failed three floors of the audit. Edition 1.2.0, on cells of wbc-unet "
    "1.1.0 with 448 instead of 256 components of what the filters answer: 92.7, 96.7 and 97.0 % "
    "(97.0 to 98.6 % at random in five trainings), and failed one floor.",
    "Of its fields for training, 2.6 % held no cell or one: pale blasts were never shown to the "
    "segmentation, and a tight clump was drawn as one cell that drove single cells out. With both "
    "mended 1.5 % do. On three inner turns of the random split's training part accuracy rose from "
    "97.3 to 97.6 %; with twice the epochs to 98.1 %, and with cells as they are in half of the "
    "draws (a third before) to 98.3 %. On inner turns of one appearance round's training part: "
    "69.4, 70.3 and 69.7 % (two smears a class to learn from). So trained, 98.0 % were seen on "
    "the first of the five random fifths; cells also shown turned brought 98.4 % on inner turns "
    "and on that fifth. The other four were added to the split after that, for 503 fields move by "
    "half a point with luck alone; nothing was chosen on them. All five together: 2,481 of 2,519 "
    "fields, 98.49 % (edition 1.3.0; by appearance rounds 93.7 %, by fold 97.9 %).",
    "Edition 1.4.0 counts a cell as whole until the border has taken a ninth of it. A tenth had "
    "been meant, and the rule gave 3 %: 6 % of the cells were lost by it. On the inner turns "
    "98.4 % before and 98.5 to 98.7 % after, in four trainings; painted-out pictures as before. "
    "It was tried after 98.49 % had been seen on all five fifths, of which it lacked one field. "
    "Under the audit's redder stain 85.7 % keep their label (90 % are needed; edition 1.3.0: "
    "90.7 %); two more final trainings with other seeds kept 88.2 and 89.9 %, the second under "
    "JPEG 40 only 88.2 %. None was taken by its audit: the shipped one is of the seed that all "
    "rounds have.",
    "On the same inner turns: the mean of three heads, with 60 epochs 0.3 points more at random, "
    "with 200 nothing, at random or by groups; averaged weights, nothing; eight changed views of "
    "each cell instead of two, half a point less at random and half a point more by groups; no "
    "strongly changed view, half a point more at random with 100 epochs and none with 200; scores "
    "averaged over turned cells, the strongest answer of each filter beside its mean, nothing; "
    "filters of a third size, 0.4 points less; each filter's mean over the middle of the cell "
    "beside that over all of it, 0.8 points less.",
    "Fields retaken (other stain, lamp, JPEG) as half of the training: label kept under JPEG in "
    "99 %, but 89.8 % by appearance rounds and 59 % decided; a third of them: nothing gained.",
    "Choices between these were made on fold 0, fold 2, the second appearance round and the random "
    "fifth, after their figures were seen: the figures of this card are not those of a first look.",
)
AUDITED = 120
"""Fields of the audit in the card."""


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


@dataclass(frozen=True, slots=True)
class Findings:
    """What the card says beside the model.

    parts: see `parts_beside`. figures: of `evaluate`. command: makes it again.
    """

    fields: Calibration
    cells: Calibration
    parts: Mapping[str, Mapping[str, str]]
    figures: Sequence[Mapping[str, Any]]
    command: str


def publish(
    model: BagClassifier,
    study: Study,
    findings: Findings,
    edition: Edition,
    progress: Progress | None = None,
) -> ModelPackage:
    """Write the package aside, check and audit it, and only then give it its name.

    An older folder of the same edition is replaced.
    """
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    card = {**make_card(study, findings, edition), **_files(model, study, aside)}
    _write_card(aside, card)
    _write_card(aside, {**card, "audit": _audit(read_package(aside), study, progress)})
    read_package(aside)
    shutil.rmtree(edition.path, ignore_errors=True)
    aside.rename(edition.path)
    return read_package(edition.path)


def describe_again(edition: Edition, figures: Sequence[Mapping[str, Any]]) -> ModelPackage:
    """Put other figures, and the parts as they are now, into the card of a finished edition.

    figures: of `evaluate`, and of `audit_model`, whose newest takes the place of the card's audit.
    Raises `PackageInvalid` when the edition is not whole; then nothing is changed.
    """
    part = read_part(edition.path, FIELD)
    named = part.card.get("parts", {})
    parts = {
        kind: _named(find_part(kind, one["package"], edition.root)) for kind, one in named.items()
    }
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(edition.path, aside)
    audits = [report for report in figures if report.get("split") == "audit"]
    card = {**part.card, "parts": parts, "audit": [part.card.get("audit"), *audits][-1]}
    card |= {"limits": list(LIMITS), "tried": list(TRIED)}
    card["figures"] = [report for report in figures if report.get("split") != "audit"]
    _write_card(aside, card)
    read_package(aside)
    shutil.rmtree(edition.path)
    aside.rename(edition.path)
    return read_package(edition.path)


def make_card(study: Study, findings: Findings, edition: Edition) -> dict[str, Any]:
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
        "parts": dict(findings.parts),
        "crops": asdict(study.crops),
        "decision": {
            **asdict(findings.fields),
            "minimum_cells": MINIMUM_CELLS,
            "cell_temperature": findings.cells.temperature,
            "cell_coverage": findings.cells.coverage,
        },
        "training": {
            "source": SOURCE,
            "manifest_sha256": study.manifest.sha256,
            "fields": len(study.manifest.entries),
            "cells": len(study.cells.crops),
            "settings": asdict(study.settings),
            "backend": keras.backend.backend(),
            "command": findings.command,
        },
        "figures": list(findings.figures),
        "limits": list(LIMITS),
        "tried": list(TRIED),
        "clinical_position": CLINICAL_POSITION,
    }


def parts_beside(study: Study, root: Path) -> dict[str, dict[str, str]]:
    """The newest segmentation (where the study uses one) and types below `root`, for the card.

    Raises `PackageInvalid` where the segmentation that the study was made with is not there.
    """
    wanted = [SEGMENTATION] if study.method == "unet" else []
    found = {}
    for kind in (*wanted, TYPES):
        try:
            part = find_part(kind, root=root)
        except PackageInvalid:
            if kind == SEGMENTATION:
                raise
            continue  # A model without types suggests blast, lymphocyte or unidentified only.
        found[kind] = _named(part)
    return found


def _named(part: Part) -> dict[str, str]:
    return {"package": part.edition, "sha256": part.sha256}


def _files(model: BagClassifier, study: Study, folder: Path) -> dict[str, dict[str, str]]:
    arrays = [np.asarray(w) for w in model.network(study.crops.side).get_weights()]
    return {
        "weights": {
            "file": "weights.npz",
            "sha256": save_weights(folder / "weights.npz", arrays),
            "dtype": "float16",
        },
        "field_head": {
            "file": "field_head.npz",
            "sha256": save_head(folder / "field_head.npz", model.head),
        },
        "references": {
            "file": "references.npz",
            "sha256": save_references(folder / "references.npz", choose_references(model, study)),
        },
    }


def _write_card(folder: Path, card: Mapping[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _audit(package: ModelPackage, study: Study, progress: Progress | None) -> dict[str, Any]:
    return audit(
        load_analyser(package), thinned(study.manifest, AUDITED), progress, whole=study.manifest
    )
