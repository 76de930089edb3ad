"""From a trained U-Net to a package folder, with nothing half-written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from inference.engine.package import CARD, SCHEMA, Part, read_part, save_weights
from inference.engine.segmentation.unet import KIND, WORKING_RADIUS
from inference.engine.training.publish import Edition
from inference.engine.training.segmenting.loop import SegmentingData, SegmentingSettings

SOURCES = (
    "wbc_masks: Zheng et al., Micron 107 (2018) 55-71, pictures of Jiangxi Tecom, masks by hand",
    "bccd: BCCD, MIT licence, boxes by hand; inside a box the adaptive method's outline, or an "
    "oval of the box where that outline does not fill it",
    "pbc_cells: Acevedo et al., Data in Brief 30 (2020) 105474, CC BY 4.0; the adaptive method's "
    "outline of the cell in the middle; platelets as pictures without a cell",
    "taleqani: Aria et al. 2021, DOI 10.34740/KAGGLE/DSV/2175623, the adaptive method's cells; "
    "no label of a field was used",
    "synthetic: rendered fields with exact masks, inference/engine/synthetic",
    "painted, empty: fields whose cells are painted over, and rendered fields without white cells",
)
LIMITS = (
    "On bone-marrow-like smears of Taleqani no mask was drawn by hand: there the outline follows "
    "the adaptive method away from the rim and the other sources at the rim.",
    "The scale comes from the picture's nuclei by their stain: with none, nothing is found. Where "
    "none stands out, only what is twice as large as a red cell is a cell.",
    "Rendered fields are part of training and of judging, with other seeds: their figures are "
    "better than those on any real smear.",
    "Once the cells found are painted over, something is found again on the share of fields that "
    "the figures name: smudge cells, and platelets, which then set the scale.",
    "Smudge cells are often drawn as cells, pale ones too. Megakaryocytes and plasmodia were never "
    "shown.",
    "Fields of training were painted in the same three ways in which the audit of a field model "
    "asks, and some are fields of that audit. The figures here are of kept-back pictures only; how "
    "a fourth way of painting would fare is not known.",
)

TRIED = (
    "Cells told apart by the learned depth alone: instance F1 0.939 on the 60 rendered fields. "
    "Peaks of the distance inside the mask, with borders where the depth is least, replaced it.",
    "Gaps closed by 0, 2, 3 and 4 pixels: 3 was chosen on the kept-back boxes and the rendered "
    "fields, so those two figures are not those of a first and only look. Masks played no part.",
    "Edition 1.0.0 learned nothing inside boxes that no outline filled (82 of 241) and saw no "
    "other stain: F1 0.921 on the kept-back boxes, for pale granulocytes fell to pieces. Errors on "
    "the boxes for training showed it; the kept-back ones were judged after the mending only.",
    "A first training with pictures of single cells found cells on 60 % of the pictures of "
    "platelets alone, and on 6.8 % of painted fields: painted fields had been shown at the scale "
    "of the cells that are gone. They are now shown at that of what is left.",
    "A second one lost cells on overexposed pictures, which it had not been shown, and clumps of "
    "blasts were drawn as one cell where they enclose a gap. Choices made to mend this (size of "
    "the red cells, depth at which clumps are cut, which holes are filled) rest on pictures for "
    "training and on rendered fields of other seeds than the judged.",
    "How cells are read from the network's answers was changed once more, with the same weights: "
    "of 2,016 fields for training, 52 held no usable cell or one, because pale blasts never "
    "reached the network and tight clumps were drawn as one cell; 30 still do. Size and roundness "
    "of a clump, and how much larger than red cells a pale cell must be, were chosen on 151 of "
    "these fields, 116 pictures with boxes, 61 with masks and 48 rendered ones; none of them is "
    "among the kept back. A bound on the typical cell instead of cutting clumps lost boxes for "
    "training (F1 0.975 to 0.964); cutting all large objects broke granulocytes (0.717).",
)


def publish(
    model: keras.Model,
    data: SegmentingData,
    settings: SegmentingSettings,
    edition: Edition,
    *,
    figures: Sequence[Mapping[str, Any]],
    command: str,
) -> Part:
    """Write the package aside, check it, and only then give it its name.

    An older folder of the same edition is replaced.
    """
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    digest = save_weights(aside / "weights.npz", [np.asarray(w) for w in model.get_weights()])
    card = {**_card(data, settings, edition, digest, command), "figures": list(figures)}
    (aside / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    read_part(aside, KIND)
    shutil.rmtree(edition.path, ignore_errors=True)
    aside.rename(edition.path)
    return read_part(edition.path, KIND)


def _card(
    data: SegmentingData,
    settings: SegmentingSettings,
    edition: Edition,
    digest: str,
    command: str,
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "name": edition.name,
        "version": edition.version,
        "architecture": "unet",
        "filters": list(settings.filters),
        "working_radius_px": WORKING_RADIUS,
        "weights": {"file": "weights.npz", "sha256": digest, "dtype": "float16"},
        "training": {
            "source": list(SOURCES),
            "pictures": {name: len(samples) for name, samples in data.samples.items()},
            "shares": dict(data.shares),
            "settings": asdict(settings),
            "backend": keras.backend.backend(),
            "kept_back": "one picture in five of each set, by the hash of its file name",
            "command": command,
        },
        "limits": list(LIMITS),
        "tried": list(TRIED),
    }
