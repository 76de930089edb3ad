"""Cells of no class the network knows: blasts of the labelled leukaemia fields.

Without them the network is sure of itself where it knows nothing: it took half of the blasts of
another laboratory for platelets.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.sizes import CropSettings
from inference.lab.data.cells import CellSet, load_cells
from inference.lab.data.manifest import CELL_CLASS_OF, Manifest, read_manifest

HELD_OUT_GROUPS = frozenset({"13", "23", "31"})
"""Appearance groups kept for judging: one of Early, Pre and Pro each, whole."""


def field_cells(
    data: Path, cache: Path, settings: CropSettings, *, method: str, limit: int | None = None
) -> tuple[Manifest, CellSet]:
    """The labelled fields below `data` and their cells, found by the segmenter `method`.

    Raises `ManifestInvalid`.
    """
    manifest = read_manifest(data, limit=limit)
    return manifest, load_cells(manifest, settings, method=method, cache=cache)


def taught(manifest: Manifest, cells: CellSet) -> NDArray[np.bool_]:
    """(n,) which cells serve as strangers in training: of blast fields, no held-out group."""
    fields = [
        CELL_CLASS_OF.get(entry.label) == "blast" and entry.appearance_group not in HELD_OUT_GROUPS
        for entry in manifest.entries
    ]
    return np.array(fields, bool)[cells.field]
