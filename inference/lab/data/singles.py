"""Which pictures of single cells there are, and which part of the study each belongs to.

The folder has no manifest of its own: a picture's class is the folder it lies in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from inference.lab.data.manifest import ManifestInvalid

TRAINING, VALIDATION, HELD_OUT = "training", "validation", "held_out"
SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """One picture of one cell. path: CLASS/FILE below the data folder. part: see `part_of_name`."""

    path: str
    label: str
    sha256: str
    part: str


@dataclass(frozen=True, slots=True)
class TypeManifest:
    """Pictures in the order of their paths, all below `root`."""

    root: Path
    entries: tuple[TypeEntry, ...]

    @property
    def sha256(self) -> str:
        """Hash over every entry: the same hash names the same pictures, divided alike."""
        lines = (json.dumps(asdict(entry), sort_keys=True) for entry in self.entries)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes in the order of the model's outputs."""
        return tuple(sorted({entry.label for entry in self.entries}))


def scan(root: Path, *, limit: int | None = None) -> TypeManifest:
    """The pictures below `root`, one folder a class. Raises `ManifestInvalid` with a sentence.

    limit: about this many pictures, alike from each class (for a trial run).
    """
    folders = sorted(path for path in root.glob("*") if path.is_dir())
    found = {folder.name: _pictures(folder) for folder in folders}
    found = {label: names for label, names in found.items() if names}
    if len(found) < 2:
        raise ManifestInvalid(
            f"{root} needs two or more folders with pictures, one a class. Name the data folder."
        )
    most = None if limit is None else max(1, limit // len(found))
    entries = [_entry(root, label, name) for label, names in found.items() for name in names[:most]]
    _check_parts(entries, root)
    return TypeManifest(root, tuple(entries))


def part_of_name(name: str) -> str:
    """Part of the picture called `name`, by the hash of its name: fixed, whatever else is there.

    About a fifth is held out (never used to choose anything), a tenth is for validation
    (temperature and threshold), the rest is for training; nearly alike in each class.
    """
    tenth = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 10
    return HELD_OUT if tenth < 2 else VALIDATION if tenth == 2 else TRAINING


def _pictures(folder: Path) -> list[str]:
    files = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return sorted(path.name for path in files)


def _entry(root: Path, label: str, name: str) -> TypeEntry:
    digest = hashlib.sha256((root / label / name).read_bytes()).hexdigest()
    return TypeEntry(f"{label}/{name}", label, digest, part_of_name(name))


def _check_parts(entries: Sequence[TypeEntry], root: Path) -> None:
    """Every class must have pictures to learn from, and every part some to judge by."""
    there = {(entry.label, entry.part) for entry in entries}
    untaught = {entry.label for entry in entries if (entry.label, TRAINING) not in there}
    if untaught or {part for _, part in there} != {TRAINING, VALIDATION, HELD_OUT}:
        raise ManifestInvalid(f"{root} has too few pictures to divide them. Add some, or no limit.")
