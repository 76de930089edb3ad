"""The picture of a run: fetched, checked against its hash, decoded."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from inference.engine.quality import MOST_PIXELS
from inference.engine.types import FieldInput
from inference.models import AnalysisRun
from telepath.core.errors import GiveUp
from telepath.core.images import DEFAULT, ImageRefused
from telepath.core.images.apart import decode_apart
from telepath.core.storage import local_copy

FIELD_LIMITS = replace(DEFAULT, max_pixels=MOST_PIXELS)


def read_input(run: AnalysisRun) -> FieldInput:
    """The decoded field of `run`, (H, W, 3) uint8 RGB.

    Raises GiveUp when the bytes are gone, are not those that were asked for, or are no picture;
    RetryLater when the store does not answer.
    """
    try:
        with local_copy(run.input_key) as path:
            _check_hash(path, run.input_sha256)
            image = decode_apart(path, limits=FIELD_LIMITS)
    except FileNotFoundError as error:
        raise GiveUp("The image is no longer in the store.", code="input_missing") from error
    except ImageRefused as refused:
        raise GiveUp(refused.message, code="image_refused") from refused
    return FieldInput(rgb=image.pixels, mpp=run.input_mpp or image.mpp)


def _check_hash(path: Path, expected: str) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise GiveUp(
            "The stored image is not the one that was uploaded: its SHA-256 differs. It was not "
            "analysed. Upload the image again, and tell your administrator.",
            code="input_changed",
        )
