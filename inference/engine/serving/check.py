"""Export a model and hold the export to the trained one: before a model is registered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops, cut_cells
from inference.engine.package import TYPES, ModelPackage, Part, part_of
from inference.engine.segmentation import segmenter
from inference.engine.serving.cpu import RUNTIME
from inference.engine.serving.exports import export, load
from inference.engine.serving.forward import OUTPUT, Outputs
from inference.engine.serving.parity import MOST_DIFFERENCE, parity, require
from inference.engine.serving.runtime import BATCHES
from inference.engine.serving.trained import cell_network
from inference.engine.sizes import CropSettings
from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.types import Rgb
from telepath.core.images import ImageRefused, decode

if TYPE_CHECKING:
    import keras

DRAWN, REAL = 4, 24
"""Fields whose cells are compared."""


def verify_export(package: ModelPackage, exports: Path) -> dict[str, Any]:
    """Export `package` and its cell-type part below `exports`, and compare; plain data for JSON.

    Keys: passed (always true), runtime, versions, limit, fields (how many drawn and real ones the
    cells came from), then those of `Parity`, and the same for "types" where the model has them.
    Raises `PackageInvalid` when an export cannot be made or answers otherwise. Imports Keras.
    """
    fields = list(_fields())
    found = _verified(package, exports, [rgb for _, rgb in fields])
    types = part_of(package, TYPES)
    if types is not None:
        found["types"] = _verified(types, exports, [rgb for _, rgb in fields])
    real = sum(is_real for is_real, _ in fields)
    return {
        "passed": True,
        "runtime": RUNTIME,
        "limit": MOST_DIFFERENCE,
        "fields": {"drawn": len(fields) - real, "real": real},
        **found,
    }


def _verified(part: Part, exports: Path, fields: list[Rgb]) -> dict[str, Any]:
    model = cell_network(part)
    exported = export(part, lambda: model, exports)
    crops = crops_of(fields, part.card.crops)
    found = parity(part, trained_network(model), load(exported, BATCHES), crops)
    return {"versions": dict(exported.versions), **asdict(require(found, part))}


def trained_network(model: keras.Model) -> Any:
    """The Keras model as a function of (n, side, side, 3) float32 with outputs by name."""
    import keras

    def run(pictures: NDArray[np.float32]) -> Outputs:
        answer = model(pictures, training=False)
        named = answer if isinstance(answer, dict) else {OUTPUT: answer}
        return {name: keras.ops.convert_to_numpy(value) for name, value in named.items()}

    return run


def crops_of(fields: list[Rgb], settings: CropSettings) -> Crops:
    """The cells of some fields, (n, side, side, 3) uint8."""
    segment = segmenter()
    return np.concatenate([cut_cells(rgb, segment(rgb), settings).pixels for rgb in fields])


def _fields() -> Iterator[tuple[bool, Rgb]]:
    """(is it real, picture): drawn ones anywhere, real ones where TELEPATH_DATA has some."""
    for seed in range(DRAWN):
        yield False, render_field(FieldSpec(320, 240, cell_diameter_px=34.0), seed).rgb
    data = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))
    files = sorted(data.glob("taleqani/fields/**/*.jpg"))
    for path in files[:: max(1, len(files) // REAL)][:REAL]:
        with suppress(ImageRefused):
            yield True, decode(path).pixels
