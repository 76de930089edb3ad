"""Pictures of strangers, read in a process apart: whatever a file does, it does it there.

Each picture has a child of its own, bound to an `Allowance`, which knows no password and ends with
its answer. Back come numbers, pixels in shared memory, and files in a folder that is gone
afterwards, whoever dies.
"""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telepath.core.errors import RetryLater
from telepath.core.images.allowance import DEFAULT_ALLOWANCE, Allowance, spent_by, too_costly
from telepath.core.images.asking import Answer, Helper, ReaderDied
from telepath.core.images.decode import DecodedImage
from telepath.core.images.display import DisplayFiles, DisplayPicture, TilePyramid, listing
from telepath.core.images.header import ImageHeader
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.refusal import ImageRefused, damaged
from telepath.core.room import NO_ROOM, needing_room

_helper = Helper()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` made. pixels: (H, W, 3) uint8 of the picture, or of its display picture."""

    header: ImageHeader
    files: DisplayFiles
    pixels: NDArray[np.uint8]
    assumed: tuple[str, ...]


@contextmanager
def prepare(
    path: Path,
    *,
    name: str = "",
    most_pixels: int,
    limits: ImageLimits = DEFAULT,
    allowance: Allowance = DEFAULT_ALLOWANCE,
) -> Iterator[Prepared]:
    """Display pictures of `path`, in a folder that lasts as long as the block.

    most_pixels: of a larger picture, the display picture gives the pixels. Raises `ImageRefused`,
    `FileNotFoundError`, `ReaderDied`, `RetryLater` when the disk is full.
    """
    job = {"do": "prepare", "name": name, "limits": asdict(limits), "most_pixels": most_pixels}
    with _asked(path, job, allowance) as (done, pixels):
        header, assumed = ImageHeader(**done["header"]), tuple(done["assumed"])
        yield Prepared(header, _files(done["files"]), pixels, assumed)


def decode_apart(
    path: Path,
    *,
    name: str = "",
    limits: ImageLimits = DEFAULT,
    allowance: Allowance = DEFAULT_ALLOWANCE,
) -> DecodedImage:
    """As `decode`, apart. Raises what `prepare` raises."""
    job = {"do": "decode", "name": name, "limits": asdict(limits)}
    with _asked(path, job, allowance) as (done, pixels):
        header, assumed = ImageHeader(**done["header"]), tuple(done["assumed"])
    height, width = pixels.shape[:2]
    return DecodedImage(pixels, width, height, header.mpp, header.format, header.bit_depth, assumed)


@contextmanager
def _asked(
    path: Path, job: dict[str, Any], allowance: Allowance
) -> Iterator[tuple[dict[str, Any], NDArray[np.uint8]]]:
    with needing_room(), _helper.folder() as folder:
        where = {"path": str(path.absolute()), "folder": folder}
        answer = _helper.ask({**job, **where, "allowance": asdict(allowance)}, allowance.wall_s)
        if answer.memory is None:
            raise _why_not(answer, path)
        yield answer.told["done"], _pixels(answer.memory, answer.told["shape"])


def _pixels(memory: int, shape: list[int]) -> NDArray[np.uint8]:
    """The shared memory itself, which lasts as long as the array."""
    try:
        return np.frombuffer(mmap.mmap(memory, 0), np.uint8).reshape(shape)
    finally:
        os.close(memory)


def _why_not(answer: Answer, path: Path) -> Exception:
    told = answer.told
    if "refused" in told:
        return ImageRefused(**told["refused"])
    if "missing" in told:
        return FileNotFoundError(path)
    if "full" in told:
        return RetryLater(NO_ROOM, code="storage_full")
    if spent := told.get("spent") or spent_by(answer.ended):
        return too_costly(spent)
    if answer.ended < 0 and answer.ended != -signal.SIGKILL:
        return damaged("picture")  # its reader broke off over it
    return ReaderDied("A process that read a picture was ended.")


def _files(told: dict[str, Any]) -> DisplayFiles:
    def picture(one: dict[str, Any]) -> DisplayPicture:
        return DisplayPicture(Path(one["path"]), one["width"], one["height"])

    tiles, folder = told["tiles"], Path(told["folder"])
    return DisplayFiles(
        folder,
        told["width"],
        told["height"],
        picture(told["display"]),
        picture(told["thumbnail"]),
        TilePyramid(**{**tiles, "descriptor": Path(tiles["descriptor"])}) if tiles else None,
        listing(folder),
    )
