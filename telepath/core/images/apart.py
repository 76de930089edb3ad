"""Pictures of strangers, read in a process apart: whatever a file does, it does it there.

One helper for each process that asks; it forks a child for each picture, which is bound to an
`Allowance`. Results come back as plain numbers and files in a folder that is gone afterwards,
whoever dies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telepath.core.images.allowance import DEFAULT_ALLOWANCE, Allowance, too_costly
from telepath.core.images.decode import DecodedImage
from telepath.core.images.display import DisplayFiles, DisplayPicture, TilePyramid
from telepath.core.images.header import ImageHeader
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.refusal import ImageRefused, damaged
from telepath.core.images.scratch import Scratch


class ReaderDied(RuntimeError):
    """The process apart was ended from outside; the picture is not to blame, as far as is known."""


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
    `FileNotFoundError`, `ReaderDied`.
    """
    options = {"name": name, "limits": asdict(limits), "most_pixels": most_pixels}
    with _asked("prepare", path, options, allowance) as (done, folder):
        header, assumed = ImageHeader(**done["header"]), tuple(done["assumed"])
        yield Prepared(header, _files(done["files"]), _pixels(folder), assumed)


def decode_apart(
    path: Path,
    *,
    name: str = "",
    limits: ImageLimits = DEFAULT,
    allowance: Allowance = DEFAULT_ALLOWANCE,
) -> DecodedImage:
    """As `decode`, apart. Raises `ImageRefused`, `FileNotFoundError`, `ReaderDied`."""
    options = {"name": name, "limits": asdict(limits)}
    with _asked("decode", path, options, allowance) as (done, folder):
        header, pixels = ImageHeader(**done["header"]), _pixels(folder)
    height, width = pixels.shape[:2]
    assumed = tuple(done["assumed"])
    return DecodedImage(pixels, width, height, header.mpp, header.format, header.bit_depth, assumed)


class Helper:
    """The helper of this process: started when first asked, anew after it died or after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._scratch: Scratch | None = None
        self.process: subprocess.Popen[str] | None = None

    def folder(self) -> tempfile.TemporaryDirectory[str]:
        """A new folder for one picture; delete it afterwards."""
        with self._lock:
            _, scratch = self._running()
            return tempfile.TemporaryDirectory(dir=scratch.root, ignore_cleanup_errors=True)

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """What became of one picture. Raises `ReaderDied`."""
        with self._lock:
            process, _ = self._running()
            try:
                answer = _said(process, job)
            except BaseException:  # also a time limit of the asking task: the answer would be late
                self._stop()
                raise
            if not answer:
                self._stop()
                raise ReaderDied("The process that reads pictures was ended.")
            return dict(json.loads(answer))

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _running(self) -> tuple[subprocess.Popen[str], Scratch]:
        is_own = self._owner == os.getpid()
        if is_own and self.process and self._scratch and self.process.poll() is None:
            return self.process, self._scratch
        if is_own:
            self._stop()
        self._owner, self._scratch = os.getpid(), Scratch()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "telepath.core.images.helper", str(self._scratch.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Few arenas and threads: address space is what a child is bound to.
            env={**os.environ, "MALLOC_ARENA_MAX": "2", "VIPS_CONCURRENCY": "2"},
            cwd=Path(__file__).parents[3],
        )
        return self.process, self._scratch

    def _stop(self) -> None:
        process, self.process = self.process, None
        scratch, self._scratch = self._scratch, None
        if process:
            process.kill()
            process.communicate()
        if scratch:
            scratch.close()


_helper = Helper()


def _said(process: subprocess.Popen[str], job: dict[str, Any]) -> str:
    assert process.stdin and process.stdout
    try:
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return ""
    return process.stdout.readline()


@contextmanager
def _asked(
    what: str, path: Path, options: dict[str, Any], allowance: Allowance
) -> Iterator[tuple[dict[str, Any], Path]]:
    with _helper.folder() as folder:
        job = {"do": what, "path": str(path.absolute()), "folder": folder, **options}
        answer = _helper.ask({**job, "allowance": asdict(allowance)})
        if "done" not in answer:
            raise _why_not(answer, path)
        yield answer["done"], Path(folder)


def _why_not(answer: dict[str, Any], path: Path) -> Exception:
    if "refused" in answer:
        return ImageRefused(**answer["refused"])
    if "missing" in answer:
        return FileNotFoundError(path)
    if answer["spent"]:
        return too_costly(answer["spent"])
    if answer["signal"] in (0, 9):
        return ReaderDied("A process that read a picture was ended.")
    return damaged("picture")  # its reader broke off over it


def _pixels(folder: Path) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.load(folder / "pixels.npy", allow_pickle=False)
    return pixels


def _files(told: dict[str, Any]) -> DisplayFiles:
    def picture(one: dict[str, Any]) -> DisplayPicture:
        return DisplayPicture(Path(one["path"]), one["width"], one["height"])

    tiles = told["tiles"]
    return DisplayFiles(
        Path(told["folder"]),
        told["width"],
        told["height"],
        picture(told["display"]),
        picture(told["thumbnail"]),
        TilePyramid(**{**tiles, "descriptor": Path(tiles["descriptor"])}) if tiles else None,
        tuple(Path(one) for one in told["files"]),
    )
