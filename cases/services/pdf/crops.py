"""Pictures of cells and of a field for the paper."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyvips

from cases.models import SmearImage
from cases.selectors.images import cut_cell
from telepath.core.storage import read_bytes

logger = logging.getLogger(__name__)

CROP_PX = 200
_FIELD_PX = 900
_JPEG = {"Q": 90, "subsample_mode": "off", "keep": "none"}


def crops_of(
    entries: Sequence[Mapping[str, Any]], images: Mapping[int, SmearImage]
) -> dict[str, bytes | None]:
    """A JPEG of 200 x 200 pixels by cell id; None where the picture is not in the store.

    entries: "cell", "image" (position) and "bbox" in pixels of the upright original.
    """
    return {entry["cell"]: _crop(images.get(entry["image"]), entry["bbox"]) for entry in entries}


def field_of(entry: Mapping[str, Any], images: Mapping[int, SmearImage]) -> bytes | None:
    """The field as JPEG, at most 900 pixels long; None where it is not in the store."""
    image = images.get(entry["image"])
    return _stored(image, lambda: _whole(image.display_key)) if image else None


def _crop(image: SmearImage | None, bbox: Sequence[int]) -> bytes | None:
    x, y, width, height = bbox
    if image is None:
        return None
    return _stored(image, lambda: cut_cell(image, (x, y, width, height), side=CROP_PX))


def _whole(key: str) -> bytes:
    picture = pyvips.Image.new_from_buffer(read_bytes(key), "")
    fitted = picture.thumbnail_image(_FIELD_PX, height=_FIELD_PX, size="down")
    data: bytes = fitted.jpegsave_buffer(**_JPEG)
    return data


def _stored(image: SmearImage, make: Callable[[], bytes]) -> bytes | None:
    try:
        if image.display_key:
            return make()
    except FileNotFoundError:
        pass
    logger.error("picture %s is missing in the report", image.pk)
    return None
