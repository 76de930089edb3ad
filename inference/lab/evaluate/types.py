"""What a finished types package is worth: on pictures held out, on other stains, on fields."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.cell_types import CellTypes, combined_class
from inference.engine.crops import Crops, cut_cells
from inference.engine.segmentation import DEFAULT, segmenter
from inference.engine.types import Floats, Progress
from inference.lab.data.manifest import ManifestInvalid
from inference.lab.data.single_cells import (
    METHOD,
    centre_of,
    load_type_cells,
    standard_crops,
)
from inference.lab.data.singles import HELD_OUT, TypeManifest, scan
from inference.lab.data.strangers import field_cells, taught
from inference.lab.evaluate.type_figures import type_figures
from telepath.core.images import decode

OTHER_LABORATORY = {
    "1": "neutrophil",
    "2": "lymphocyte",
    "3": "monocyte",
    "4": "eosinophil",
    "5": "basophil",
}
"""Classes of `wbc_masks` (Zheng et al., Micron 107, 2018); its authors call them unreliable."""


def held_out_figures(
    types: CellTypes, data: Path, cache: Path, *, limit: int | None, progress: Progress
) -> list[dict[str, Any]]:
    """Two reports on the held-out fifth of the pictures below `data`. Raises `ManifestInvalid`.

    "single_cells": the cell in the middle, cut as in a field of typical cells. "pictures": each
    picture taken for a field, with the segmentation, scale and crops that an analysis uses.
    """
    manifest = scan(data, limit=limit)
    _check_classes(manifest, types)
    paths = [data / entry.path for entry in manifest.entries if entry.part == HELD_OUT]
    cells = load_type_cells(manifest, cache).of_part(HELD_OUT)
    single = types.probabilities(standard_crops(cells, types.crops))
    found, probabilities = picture_probabilities(types, paths, progress)
    return [
        {"set": "single_cells", "segmenter": METHOD, **_figures(types, single, cells.label)},
        _picture_report(types, "pictures", found, probabilities, cells.label),
    ]


def other_laboratory_figures(types: CellTypes, data: Path, progress: Progress) -> dict[str, Any]:
    """The same for `data`/wbc_masks: another laboratory and stain. Raises `ManifestInvalid`."""
    table = data / "wbc_masks" / "classes.csv"
    if not table.is_file():
        raise ManifestInvalid(f"There is no {table}. Name the folder with wbc_masks.")
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = [(row["image ID"], row["class label"]) for row in csv.DictReader(file)]
    known = [
        (name, OTHER_LABORATORY[number]) for name, number in rows if number in OTHER_LABORATORY
    ]
    paths = [_picture(table.parent / "images", name) for name, _ in known]
    label = np.array([types.classes.index(label) for _, label in known], np.int64)
    found, probabilities = picture_probabilities(types, paths, progress)
    return _picture_report(types, "other_laboratory", found, probabilities, label)


def field_shares(types: CellTypes, data: Path, cache: Path, limit: int | None) -> dict[str, Any]:
    """What the cells of labelled fields are called: shares by label. Raises `ManifestInvalid`.

    Only fields that were no strangers in training. Labels of fields are weak truth: most cells of
    Early, Pre and Pro are blasts, which no type describes, and those of Benign are lymphoid.
    `blasts_questioned`: share that would become "unidentified" if the field network called each
    of these cells a blast.
    """
    manifest, cells = field_cells(
        data / "taleqani", cache, types.crops, method=DEFAULT, limit=limit
    )
    new = ~taught(manifest, cells)
    codes = np.array([types.name_of(row) for row in types.probabilities(cells.crops[new])])
    labels = np.array(manifest.labels())[cells.field[new]]
    return {
        "set": "fields",
        "segmenter": DEFAULT,
        "groups": "appearance groups not used in training: "
        + ", ".join(sorted({manifest.entries[one].appearance_group for one in cells.field[new]})),
        "cells": len(codes),
        "by_label": {str(name): _shares(codes[labels == name]) for name in np.unique(labels)},
    }


def picture_probabilities(
    types: CellTypes, paths: Sequence[Path], progress: Progress
) -> tuple[NDArray[np.bool_], Floats]:
    """Each picture as a field: which show a whole cell in the middle (n,), and (found, types)."""
    segment = segmenter(DEFAULT)
    found = np.zeros(len(paths), bool)
    crops: list[Crops] = []
    for place, path in enumerate(paths):
        rgb = decode(path).pixels
        seen = segment(rgb)
        if number := centre_of(seen):
            crop = cut_cells(rgb, seen, types.crops).pixels[number - 1]
            found[place] = crop.any()
            crops += [crop[None]] if crop.any() else []
        progress((place + 1) / len(paths), path.name)
    side = types.crops.side
    empty = np.zeros((0, side, side, 3), np.uint8)
    return found, types.probabilities(np.concatenate([empty, *crops]))


def _picture_report(
    types: CellTypes,
    name: str,
    found: NDArray[np.bool_],
    probabilities: Floats,
    label: NDArray[np.int64],
) -> dict[str, Any]:
    right = probabilities.argmax(axis=1) == label[found]
    return {
        "set": name,
        "segmenter": DEFAULT,
        "pictures": len(found),
        "centre_cell_found": round(float(found.mean()), 4),
        "right_of_all_pictures": round(float(right.sum()) / len(found), 4),
        **_figures(types, probabilities, label[found]),
    }


def _figures(
    types: CellTypes, probabilities: Floats, label: NDArray[np.int64]
) -> Mapping[str, Any]:
    return type_figures(probabilities, label, types.classes, types.threshold)


def _shares(codes: NDArray[np.str_]) -> dict[str, Any]:
    counts = Counter(codes.tolist())
    questioned = sum(
        number for code, number in counts.items() if combined_class("blast", code) != "blast"
    )
    return {
        "cells": len(codes),
        "shares": {code: round(number / len(codes), 4) for code, number in counts.most_common()},
        "blasts_questioned": round(questioned / len(codes), 4),
    }


def _check_classes(manifest: TypeManifest, types: CellTypes) -> None:
    if manifest.classes != types.classes:
        raise ManifestInvalid(
            f"{types.part.edition} knows {', '.join(types.classes)}; the data folder holds "
            f"{', '.join(manifest.classes)}."
        )


def _picture(folder: Path, name: str) -> Path:
    found = sorted(folder.glob(f"{name}.*")) + sorted(folder.glob(f"{int(name):03d}.*"))
    if not found:
        raise ManifestInvalid(f"There is no picture {name} in {folder}.")
    return found[0]
