"""Whole fields as one array on disk: decoded once, then read page by page as memory allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.scalebar import find_scale_bar
from inference.engine.types import Rgb
from inference.lab.data.manifest import Manifest, ManifestInvalid
from inference.lab.data.scratch import key_of
from telepath.core.images import ImageRefused, decode

CACHE_VERSION = 1
"""Raise it when decoding or the search for the scale bar changes."""
RIM = 3
"""Pixels around the printed bar that JPEG has stained with its ink."""
Wrap = Callable[[Sequence[str]], Sequence[str]]
Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class FieldSet:
    """pixels: (n, side, side, 3) uint8, on disk. label: (n,) class numbers. classes: sorted."""

    pixels: Pictures
    label: NDArray[np.int64]
    classes: tuple[str, ...]


def load_fields(
    manifest: Manifest,
    side: int,
    *,
    cache: Path,
    as_published: bool = False,
    wrap: Wrap = lambda paths: paths,
) -> FieldSet:
    """Every field of `manifest` at `side` pixels, from `cache` when it is there.

    as_published: leave the printed scale bar in, as the papers did; else it is painted out.
    wrap: put around the list of paths, for a progress bar. Raises `ManifestInvalid`.
    """
    classes = tuple(sorted(set(manifest.labels())))
    if len(classes) < 2:
        raise ManifestInvalid("The manifest names one class only; a model needs two or more.")
    path = cache / f"fields-{key_of(manifest.sha256, side, as_published, CACHE_VERSION)}.npy"
    if not path.is_file():
        _decode_all(manifest, side, as_published, path, wrap)
    known = {name: number for number, name in enumerate(classes)}
    label = np.array([known[name] for name in manifest.labels()], np.int64)
    return FieldSet(np.load(path, mmap_mode="r"), label, classes)


def without_scale_bar(rgb: Rgb) -> Rgb:
    """The picture with the printed scale bar covered by the colours around it."""
    bar = find_scale_bar(rgb).astype(np.uint8)
    if not bar.any():
        return rgb
    covered = cv2.dilate(bar, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    return np.asarray(cv2.inpaint(rgb, covered, 3, cv2.INPAINT_TELEA), np.uint8)


def _decode_all(manifest: Manifest, side: int, as_published: bool, path: Path, wrap: Wrap) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed, so that a killed run leaves no half file behind.
    aside = path.with_suffix(".part")
    shape = (len(manifest.entries), side, side, 3)
    pixels = np.lib.format.open_memmap(aside, mode="w+", dtype=np.uint8, shape=shape)
    for index, name in enumerate(wrap([entry.path for entry in manifest.entries])):
        pixels[index] = _read(manifest.root / name, side, as_published)
    pixels.flush()
    aside.replace(path)


def _read(path: Path, side: int, as_published: bool) -> Rgb:
    try:
        rgb = decode(path).pixels
    except (ImageRefused, OSError) as problem:
        raise ManifestInvalid(f"{path.name} cannot be read: {problem}") from None
    rgb = rgb if as_published else without_scale_bar(rgb)
    if rgb.shape[:2] == (side, side):
        return rgb
    smaller = side < min(rgb.shape[:2])
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=method), np.uint8)
