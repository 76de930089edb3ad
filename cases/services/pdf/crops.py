"""Pictures of cells for the paper."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from cases.models import SmearImage
from cases.selectors.images import cut_cell

logger = logging.getLogger(__name__)

CROP_PX = 200


def crops_of(
    entries: Sequence[Mapping[str, Any]], images: Mapping[int, SmearImage]
) -> dict[str, bytes | None]:
    """A JPEG of 200 x 200 pixels by cell id; None where the picture is not in the store.

    entries: "cell", "image" (position) and "bbox" in pixels of the upright original.
    """
    return {entry["cell"]: _crop(images[entry["image"]], entry["bbox"]) for entry in entries}


def _crop(image: SmearImage, bbox: Sequence[int]) -> bytes | None:
    x, y, width, height = bbox
    try:
        return cut_cell(image, (x, y, width, height), side=CROP_PX)
    except FileNotFoundError:
        logger.error("picture %r is missing: its cells are not in the report", image.display_key)
        return None
