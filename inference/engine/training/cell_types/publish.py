"""The card of a types package, and a folder that appears whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from inference.engine.cell_types import CELL_CLASS_OF
from inference.engine.package import CARD, SCHEMA, TYPES, Part, read_part, save_weights
from inference.engine.sizes import CropSettings
from inference.engine.training.cell_types.decision import TypeDecision
from inference.engine.training.publish import Edition
from inference.engine.types import UNIDENTIFIED

WEIGHTS = "weights.npz"
SOURCE = {
    "name": "Peripheral blood cells of healthy donors, Hospital Clinic of Barcelona, 8 classes, "
    "scaled to 96x96 pixels",
    "reference": "Acevedo et al., Data in Brief 30 (2020) 105474; Mendeley Data",
    "terms": "CC BY 4.0. No picture is part of this package; only weights and figures are.",
}
CLINICAL_POSITION = (
    "A suggestion for the differential. It knows no blast: a blast resembles one of its types. "
    "A human names every cell that is unidentified, and may rename any other."
)
LIMITS = (
    "Learned from one laboratory, one stainer, one camera. On the one other laboratory tried, most "
    "names are wrong, also above the threshold (pink granules of neutrophils are taken for those "
    "of eosinophils): read the figures of the set other_laboratory before using it on a new stain.",
    "On the leukaemia fields nearly every cell stays unidentified, by intent for blasts and "
    "without proof for others. Labels of fields are weak truth: no single cell there has a label.",
    "Learned from cells that the adaptive method outlined. Outlined by another method, or alone in "
    "a picture so that their size says nothing, cells are named less well: see the set pictures. "
    "A platelet alone in a picture is often taken for a white cell.",
    "The data name no donors, so pictures of one donor lie on both sides of the split; the "
    "held-out figures are those of a random split by picture.",
    "Donors had no blood disease: smudge cells, plasma cells and reactive lymphocytes were never "
    "seen, blasts of one hospital only as cells of no type; threshold and temperature are not "
    "calibrated for them.",
    'A platelet is called "not a cell"; segmentation of fields drops most before they get here.',
    "Immature granulocytes are one type (promyelocytes, myelocytes, metamyelocytes).",
)
TRIED = (
    "12 epochs, every crop changed by every augmentation, platelets also enlarged to the size of "
    "white cells, no strangers: macro F1 0.919 on a tenth that was not trained on (an earlier "
    "division of the same pictures). Of the cells of 600 labelled fields it named 55 % of those "
    "in Early and 50 % of those in Pre platelets, surely. Strangers, true-coloured crops and more "
    "epochs followed; the held-out fifth played no part.",
)


def make_card(
    training: Mapping[str, Any],
    classes: Sequence[str],
    crops: CropSettings,
    decision: TypeDecision,
    edition: Edition,
    *,
    figures: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What the network is, what it saw, how good it is, what it must not be used for.

    training: what it saw, with "architecture". The hash of the weights is added by `publish_part`.
    """
    return {
        "schema": SCHEMA,
        "kind": TYPES,
        "name": edition.name,
        "version": edition.version,
        "architecture": training["architecture"],
        "classes": list(classes),
        "cell_class_of": {name: CELL_CLASS_OF.get(name, UNIDENTIFIED) for name in classes},
        "crops": asdict(crops),
        "decision": {**asdict(decision), "rule": decision.rule},
        "training": dict(training),
        "figures": list(figures),
        "limits": list(LIMITS),
        "tried": list(TRIED),
        "clinical_position": CLINICAL_POSITION,
    }


def publish_part(model: keras.Model, card: Mapping[str, Any], edition: Edition) -> Part:
    """Write the package aside, check it, and only then give it its name.

    An older folder of the same edition is replaced.
    """
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    digest = save_weights(aside / WEIGHTS, [np.asarray(w) for w in model.get_weights()])
    whole = {**card, "weights": {"file": WEIGHTS, "sha256": digest, "dtype": "float16"}}
    (aside / CARD).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")
    read_part(aside, card["kind"])
    shutil.rmtree(edition.path, ignore_errors=True)
    aside.rename(edition.path)
    return read_part(edition.path, card["kind"])
