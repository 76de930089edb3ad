"""What people have drawn on the pictures below `../shared/data`, and which are kept back."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from inference.engine.types import Box, Mask
from telepath.core.images import decode

KEPT_BACK = 5
"""One of so many pictures of a set is never trained on."""
CYTOPLASM_LEVEL, NUCLEUS_LEVEL = 128, 255
"""Grey levels of the drawn masks of `wbc_masks`."""
FOLDERS = ("wbc_masks", "bccd", "pbc_cells", "taleqani")
"""Sets of pictures that the U-Net learns from."""
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def kept_back(path: Path) -> bool:
    """Whether a picture is kept for judging; follows from its file name alone."""
    return hashlib.sha256(path.name.encode()).digest()[0] % KEPT_BACK == 0


def pictures(folder: Path) -> list[Path]:
    """All pictures of `folder` by name. Raises `FileNotFoundError` without any."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if not found:
        raise FileNotFoundError(f"There are no pictures in {folder}.")
    return found


def listed_sha256(data: Path) -> str:
    """Hash over names and bytes of the pictures, masks and boxes of `FOLDERS` below `data`.

    Raises `FileNotFoundError` where one of them is not there.
    """
    found = hashlib.sha256()
    for folder in FOLDERS:
        pictures(data / folder)
        for path in sorted(path for path in (data / folder).rglob("*.*") if path.suffix != ".csv"):
            found.update(str(path.relative_to(data)).encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def drawn_masks(path: Path) -> tuple[Mask, Mask]:
    """The one cell and its nucleus, both (H, W) bool, drawn on the `wbc_masks` picture `path`."""
    level = decode(path.parent.parent / "masks" / path.name).pixels[..., 0]
    return level > CYTOPLASM_LEVEL // 2, level > (CYTOPLASM_LEVEL + NUCLEUS_LEVEL) // 2


def drawn_boxes(path: Path) -> list[Box]:
    """Boxes (x, y, w, h) of the white cells on the `bccd` picture `path`."""
    return list(_white_cells(path.parent.parent / "boxes" / f"{path.stem}.xml"))


def _white_cells(path: Path) -> Iterator[Box]:
    """Boxes of the objects called WBC in a Pascal VOC file."""
    for item in ET.parse(path).getroot().iter("object"):
        if item.findtext("name") == "WBC":
            corners = (int(item.findtext(f"bndbox/{key}", "0")) for key in _CORNERS)
            left, top, right, bottom = corners
            yield left, top, right - left, bottom - top
