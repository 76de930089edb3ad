"""A network that names cell types, from its study to a package."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from inference.engine.cell_types import CELL_CLASS_OF
from inference.engine.package import TYPES, Part
from inference.engine.types import UNIDENTIFIED, Progress
from inference.lab.data.single_cells import METHOD
from inference.lab.data.strangers import HELD_OUT_GROUPS
from inference.lab.publish.packages import Edition, Told, check_words, make_card, publish_part
from inference.lab.train.types.decision import TypeDecision
from inference.lab.train.types.study import TypeStudy, trained


def train_types_package(
    study: TypeStudy, edition: Edition, *, told: Told, progress: Progress | None = None
) -> Part:
    """Train and publish. Raises `PackageInvalid`, also where the edition exists in other words."""
    check_words(edition, told.notes)
    model, decision = trained(study, progress)
    card = make_card(
        TYPES,
        edition,
        told,
        architecture=study.settings.arch,
        training=_training(study),
        more=_of_types(study, decision),
    )
    return publish_part(card, model.get_weights(), edition, told.notes)


def _of_types(study: TypeStudy, decision: TypeDecision) -> dict[str, Any]:
    classes = study.manifest.classes
    return {
        "classes": list(classes),
        "cell_class_of": {name: CELL_CLASS_OF.get(name, UNIDENTIFIED) for name in classes},
        "crops": asdict(study.crops),
        "decision": {**asdict(decision), "rule": decision.rule},
    }


def _training(study: TypeStudy) -> dict[str, Any]:
    """What the network saw."""
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
