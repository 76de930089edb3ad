"""Pictures of cells, cut from the originals."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from telepath.core.images import decode
from telepath.core.storage import local_copy

logger = logging.getLogger(__name__)

CROP_PX = 200
_MARGIN = 1.4
_QUALITY = 92


def crops_of(
    entries: Sequence[Mapping[str, Any]], originals: Mapping[int, str]
) -> dict[str, bytes | None]:
    """A JPEG of 200 x 200 pixels by cell id; None where the original is not in the store.

    entries: "cell", "image" (position) and "bbox" in pixels of the upright original. Each original
    is decoded once.
    """
    crops: dict[str, bytes | None] = {}
    for position in sorted({entry["image"] for entry in entries}):
        pixels = _pixels(originals.get(position, ""))
        for entry in entries:
            if entry["image"] == position:
                crops[entry["cell"]] = _crop(pixels, entry["bbox"]) if pixels is not None else None
    return crops


def _pixels(key: str) -> NDArray[np.uint8] | None:
    try:
        with local_copy(key) as path:
            return decode(path).pixels
    except FileNotFoundError:
        logger.error("original %r is missing: its cells are not pictured in the report", key)
        return None


def _crop(pixels: NDArray[np.uint8], bbox: Sequence[int]) -> bytes:
    """A square around `bbox`, somewhat larger than the cell; grey where the picture ends."""
    x, y, width, height = bbox
    side = round(max(width, height) * _MARGIN)
    left, top = x + width // 2 - side // 2, y + height // 2 - side // 2
    square = np.full((side, side, 3), 200, np.uint8)
    rows = slice(max(top, 0), min(top + side, pixels.shape[0]))
    columns = slice(max(left, 0), min(left + side, pixels.shape[1]))
    part = pixels[rows, columns]
    into_y, into_x = rows.start - top, columns.start - left
    square[into_y : into_y + part.shape[0], into_x : into_x + part.shape[1]] = part
    picture = Image.fromarray(square).resize((CROP_PX, CROP_PX), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    return target.getvalue()
