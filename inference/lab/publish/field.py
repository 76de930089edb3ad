"""From a trained field model to a package folder: weights, card, and nothing half-written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.analyser import load_analyser
from inference.engine.evidence import save_references
from inference.engine.field_head import save_head
from inference.engine.package import (
    FIELD,
    SEGMENTATION,
    TYPES,
    ModelPackage,
    PackageInvalid,
    find_part,
    read_package,
)
from inference.engine.types import Progress
from inference.lab.audit.audit import audit
from inference.lab.data.manifest import CELL_CLASS_OF, thinned
from inference.lab.data.splits import SPLITS
from inference.lab.publish.packages import (
    Edition,
    Told,
    check_words,
    make_card,
    name_of,
    write_card,
    write_files,
    written_aside,
)
from inference.lab.publish.references import choose_references
from inference.lab.train.bags import BagClassifier, train_bags
from inference.lab.train.calibrate import MINIMUM_CELLS, Calibration
from inference.lab.train.rounds import Study, held_out, training_data
from inference.lab.train.study import calibrations

AUDITED = 120
"""Fields of the audit in the card."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the card says beside the model. parts: see `parts_beside`."""

    fields: Calibration
    cells: Calibration
    parts: Mapping[str, Mapping[str, str]]
    told: Told


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


def publish(
    model: BagClassifier,
    study: Study,
    findings: Findings,
    edition: Edition,
    progress: Progress | None = None,
) -> ModelPackage:
    """Write the package aside, check and audit it, and only then give it its name.

    Raises `PackageInvalid`, also where the edition exists in other words.
    """
    check_words(edition, findings.told.notes)
    with written_aside(edition) as aside:
        card = {**field_card(study, findings, edition), **_files(model, study, aside, findings)}
        write_card(aside, card)
        write_card(aside, {**card, "audit": _audit(read_package(aside), study, progress)})
        read_package(aside)
    return read_package(edition.path)


def field_card(study: Study, findings: Findings, edition: Edition) -> dict[str, Any]:
    """The card: what the model is, what it saw, how good it is, what it must not be used for."""
    return make_card(
        FIELD,
        edition,
        findings.told,
        architecture=study.settings.arch,
        training={
            "manifest_sha256": study.manifest.sha256,
            "fields": len(study.manifest.entries),
            "cells": len(study.cells.crops),
            "settings": asdict(study.settings),
        },
        more={
            "classes": list(study.classes),
            "cell_class_of": {
                name: CELL_CLASS_OF.get(name, "unidentified") for name in study.classes
            },
            "segmenter": study.method,
            "parts": dict(findings.parts),
            "crops": asdict(study.crops),
            "decision": {
                **asdict(findings.fields),
                "minimum_cells": MINIMUM_CELLS,
                "cell_temperature": findings.cells.temperature,
                "cell_coverage": findings.cells.coverage,
            },
        },
    )


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
        found[kind] = name_of(part)
    return found


def _files(
    model: BagClassifier, study: Study, folder: Path, findings: Findings
) -> dict[str, dict[str, str]]:
    references = choose_references(model, study)
    weights = model.network(study.crops.side).get_weights()
    return {
        **write_files(folder, weights, findings.told.notes),
        "field_head": {
            "file": "field_head.npz",
            "sha256": save_head(folder / "field_head.npz", model.head),
        },
        "references": {
            "file": "references.npz",
            "sha256": save_references(folder / "references.npz", references),
        },
    }


def _audit(package: ModelPackage, study: Study, progress: Progress | None) -> dict[str, Any]:
    return audit(
        load_analyser(package), thinned(study.manifest, AUDITED), progress, whole=study.manifest
    )
