"""Crops of all fields of a manifest, made once and kept in a scratch folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import sampled
from inference.engine.crops import Crops, cut_cells
from inference.engine.segmentation import identity, segmenter
from inference.engine.sizes import CropSettings
from inference.engine.types import Rgb
from inference.lab.data.manifest import Manifest
from inference.lab.data.scratch import Arrays, kept, key_of
from telepath.core.images import decode

CACHE_VERSION = 8
"""Raise it when the code that finds or cuts cells changes, or old crops will be used again."""


@dataclass(frozen=True, slots=True, eq=False)
class CellSet:
    """All usable cells of a manifest.

    crops: (n, side, side, 3) uint8. field: (n,) position of each cell's field in the manifest.
    background: (fields, 15) percentiles of the background's colour, for the baseline.
    """

    crops: Crops
    field: NDArray[np.int32]
    background: NDArray[np.float32]

    def of_fields(self, fields: NDArray[np.intp]) -> NDArray[np.intp]:
        """Positions of the cells that belong to any of `fields`."""
        return np.flatnonzero(np.isin(self.field, fields))


def load_cells(
    manifest: Manifest,
    settings: CropSettings,
    *,
    method: str,
    cache: Path,
    wrap: Callable[[Sequence[str]], Sequence[str]] = lambda paths: paths,
) -> CellSet:
    """Cells of every field of `manifest`, from `cache` when they are there.

    wrap: put around the list of paths, for a progress bar.
    """
    key = key_of(manifest.sha256, asdict(settings), identity(method), CACHE_VERSION)
    found = kept(
        cache / f"cells-{key}.npz", lambda: _arrays(_cut_all(manifest, settings, method, wrap))
    )
    return CellSet(**found)


def _arrays(cells: CellSet) -> Arrays:
    return {part.name: getattr(cells, part.name) for part in fields(CellSet)}


def _cut_all(
    manifest: Manifest,
    settings: CropSettings,
    method: str,
    wrap: Callable[[Sequence[str]], Sequence[str]],
) -> CellSet:
    segment = segmenter(method)
    crops: list[Crops] = []
    field: list[int] = []
    background = []
    for index, name in enumerate(wrap([entry.path for entry in manifest.entries])):
        rgb = decode(manifest.root / name).pixels
        found = cut_cells(rgb, segment(rgb), settings)
        crops.append(found.pixels[found.usable])
        field += [index] * int(found.usable.sum())
        background.append(background_colour(rgb))
    return CellSet(np.concatenate(crops), np.array(field, np.int32), np.stack(background))


def background_colour(rgb: Rgb) -> NDArray[np.float32]:
    """(15,) percentiles 5, 25, 50, 75, 95 of each channel, over pixels of low saturation only.

    What a model can know without a single white cell: the measure of the shortcut.
    """
    some = sampled(rgb).astype(np.float32)
    saturation = 1 - some.min(axis=1) / np.maximum(some.max(axis=1), 1)
    plain = some[saturation <= np.percentile(saturation, 50)]
    levels: NDArray[np.float64] = np.percentile(plain, [5, 25, 50, 75, 95], axis=0)
    return levels.astype(np.float32).ravel()
