"""Which of the pictures in a TIFF is the field, and what its tags say of it."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tifffile import TiffFile, TiffPage

from telepath.core.images.refusal import ImageRefused, camera_raw, cut, damaged, slide

# It tells its log about every odd tag; nobody reads that, and tags may name people.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_REDUCED, _MASK = 1, 4  # of NewSubfileType; 9 is a slide's macro picture
_THUMBNAIL_ASPECT = 1.35  # cameras put a 4:3 thumbnail before a picture of 16:9
_MOST_PAGES = 64
_CFA, _LINEAR_RAW = 32803, 34892
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
_SLIDES = (
    ("is_svs", "an Aperio slide (SVS)"),
    ("is_ndpi", "a Hamamatsu slide (NDPI)"),
    ("is_scn", "a Leica slide (SCN)"),
    ("is_bif", "a Ventana slide (BIF)"),
    ("is_philips", "a Philips slide"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The field's page. page: in the chain; subifd: below that page, None for the page itself."""

    tags: TiffPage
    page: int
    subifd: int | None

    @property
    def pixels(self) -> int:
        return int(self.tags.imagewidth) * int(self.tags.imagelength)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a crafted or broken file does to a parser into a sentence for the sender."""
    try:
        yield
    except ImageRefused:
        raise
    except _FAULTS as fault:
        raise damaged("tiff") from fault


@contextmanager
def main_page(path: Path) -> Iterator[Found]:
    """The page that is the field, open inside the block. Raises `ImageRefused`.

    The largest is meant; the others may only be smaller copies of it or masks, in whatever order:
    cameras put a thumbnail first and the picture below it. Anything else would be lost unseen.
    """
    with reading(path), TiffFile(path, _multifile=False) as file:
        found = _all_pages(file)
        main = max(found, key=lambda one: one.pixels)
        if any(one.tags.photometric in (_CFA, _LINEAR_RAW) for one in found):
            raise camera_raw()
        others = [one for one in found if one is not main and not one.tags.subfiletype & _MASK]
        if not all(_is_copy(one, main) for one in others):
            raise _several(file, len(others) + 1)
        _refuse_if_cut(main, path)
        yield main


def _all_pages(file: TiffFile) -> list[Found]:
    file.pages.useframes = False
    count = len(file.pages)
    if count > _MOST_PAGES:
        raise _several(file, count)
    found = []
    for number in range(count):
        page = file.pages[number]
        if not isinstance(page, TiffPage):
            raise damaged("tiff")
        found.append(Found(page, number, None))
        below = page.pages or ()
        for place in range(min(len(below), _MOST_PAGES)):
            one = below[place]
            if isinstance(one, TiffPage):
                found.append(Found(one, number, place))
    if not found:
        raise cut("tiff")
    return found


def _is_copy(one: Found, main: Found) -> bool:
    narrowed = one.tags.imagewidth / main.tags.imagewidth
    lowered = one.tags.imagelength / main.tags.imagelength
    is_smaller = one.pixels < main.pixels
    aspect = max(narrowed, lowered) / min(narrowed, lowered)
    is_thumbnail = one.tags.subfiletype == _REDUCED and aspect < _THUMBNAIL_ASPECT
    return is_smaller and (abs(narrowed - lowered) < 0.02 or is_thumbnail)


def _several(file: TiffFile, count: int) -> ImageRefused:
    for flag, kind in _SLIDES:
        if getattr(file, flag):
            return slide(kind)
    return ImageRefused(
        f"This TIFF holds {count} pictures, and only one can be a field. "
        "Save each of them as a file of its own and send those.",
        code="several_pages",
    )


def _refuse_if_cut(main: Found, path: Path) -> None:
    size = path.stat().st_size
    offsets, counts = main.tags.dataoffsets, main.tags.databytecounts
    if not offsets or main.tags.imagewidth < 1 or main.tags.imagelength < 1:
        raise damaged("tiff")
    if any(start + length > size for start, length in zip(offsets, counts, strict=False)):
        raise cut("tiff")
