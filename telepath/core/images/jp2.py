"""JPEG 2000, as a file (JP2) or a bare codestream. Pillow reads it by OpenJPEG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvips
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from telepath.core.images.refusal import cut, damaged, unsupported
from telepath.core.images.stored import Alpha, Stored, from_array

_FAULTS = (OSError, SyntaxError, ValueError, KeyError, IndexError, OverflowError)
_END = b"\xff\xd9"
_ALPHA: dict[str, Alpha] = {"RGBA": "straight", "LA": "straight"}


def stored(path: Path) -> Stored:
    """The picture at `path`, by its header. Raises `ImageRefused`."""
    try:
        with Jpeg2KImageFile(path) as image:
            (width, height), mode = image.size, image.mode
    except _FAULTS as fault:
        raise damaged("JPEG 2000") from fault
    if mode not in {"L", "LA", "RGB", "RGBA", "I;16"}:
        raise unsupported(f"stores its colours as {mode}")
    deep = mode == "I;16"
    return Stored(
        "jp2",
        width,
        height,
        len(mode) if not deep else 1,
        1 + deep,
        8 * (1 + deep),
        lambda: _read(path),
        alpha=_ALPHA.get(mode, "none"),
        is_held=True,
    )


def _read(path: Path) -> pyvips.Image:
    try:
        with Jpeg2KImageFile(path) as image:
            image.load()
            return from_array(np.asarray(image))
    except _FAULTS as fault:
        raise (damaged if _ends(path) else cut)("JPEG 2000") from fault


def _ends(path: Path) -> bool:
    """Whether the mark that closes a codestream is where the file ends (a box may follow)."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4096))
        return _END in stream.read()
