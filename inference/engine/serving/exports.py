"""Converted models on disk: one folder for each model and runtime, made once a machine.

FOLDER/SHA256-RUNTIME/ holds model.xml, model.bin and export.json, which names the
versions it was made with and the hash of each file. What is missing or damaged is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from inference.engine.package import PackageInvalid, Part
from inference.engine.serving.cpu import IR, RUNTIME, CpuForward, write_ir

if TYPE_CHECKING:
    import keras

Build = Callable[[], "keras.Model"]
"""Makes the reference model with its weights; called only where an export has to be made."""

RECORD = "export.json"
MADE_WITH = ("openvino", "keras")


@dataclass(frozen=True, slots=True)
class Exported:
    """A converted model. source: SHA-256 of the package's card. files: name -> SHA-256."""

    path: Path
    source: str
    versions: Mapping[str, str]
    files: Mapping[str, str]


def export(part: Part, build: Build, folder: Path) -> Exported:
    """The export of `part` below `folder`, made when it is not there whole.

    Of two processes that want it at once, one makes it and the other waits.
    Raises `PackageInvalid` when the folder cannot be written or the model cannot be converted.
    """
    place = folder / f"{part.sha256[:32]}-{RUNTIME}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(place):
            return _whole(place, part) or _made(place, part, build)
    except OSError as problem:
        raise PackageInvalid(
            f"The export of {part.name} cannot be kept in {folder}: {problem.strerror or problem}. "
            "Make the folder writable, or set MODEL_EXPORTS to another."
        ) from problem


def load(exported: Exported, batches: Sequence[int]) -> CpuForward:
    """The exported model, compiled for this processor in each of the batch sizes."""
    return CpuForward(exported.path, batches)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Held by one process at a time; the operating system lets go when that process dies."""
    with (place.parent / f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _whole(place: Path, part: Part) -> Exported | None:
    """What lies at `place`, if it is an export of `part` with every byte as it was written."""
    try:
        record = json.loads((place / RECORD).read_bytes())
        found = Exported(place, record["source"], record["versions"], record["files"])
        same = IR in found.files and found.files == _hashes(place, found.files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if same and found.source == part.sha256 else None


def _made(place: Path, part: Part, build: Build) -> Exported:
    aside = Path(mkdtemp(prefix=".new-", dir=place.parent))
    try:
        write_ir(build(), aside)
        names = sorted(file.name for file in aside.iterdir())
        versions = {name: version(name) for name in MADE_WITH}
        made = Exported(place, part.sha256, versions, _hashes(aside, names))
        record = {**asdict(made), "path": place.name}
        (aside / RECORD).write_text(json.dumps(record, indent=2) + "\n")
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return made


def _hashes(place: Path, names: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    return {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in names}
