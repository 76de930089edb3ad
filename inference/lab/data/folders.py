"""Labelled pictures without a manifest: one folder a class, as C-NMC comes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from inference.lab.data.manifest import Entry, Manifest, ManifestInvalid, read_manifest

SUFFIXES = frozenset({".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"})
FOLDS = 5
SUBJECT = re.compile(r"UID_(H?\d+)_")
"""C-NMC names its files UID_<subject>_<picture>_<cell>_<class>."""


def read_labelled(root: Path, *, limit: int | None = None) -> Manifest:
    """`manifest.csv` below `root`, or else its class folders. Raises `ManifestInvalid`."""
    if (root / "manifest.csv").is_file() or not _class_folders(root):
        return read_manifest(root, limit=limit)
    return read_folders(root, limit=limit)


def read_folders(root: Path, *, limit: int | None = None) -> Manifest:
    """Pictures in `root`/<class>/, the folder's name being the label. Raises `ManifestInvalid`.

    All pictures of one subject lie in one fold. Nothing is known of stain and lamp, so each class
    is one appearance group: a split by appearance would leave nothing to train on, and refuses.
    """
    entries = []
    for folder in _class_folders(root):
        pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        subjects = sorted({_subject(path) for path in pictures})
        fold = {subject: number % FOLDS for number, subject in enumerate(subjects)}
        entries += [_entry(path, root, fold[_subject(path)]) for path in pictures]
    if not entries:
        raise ManifestInvalid(f"The class folders of {root} hold no pictures.")
    every = max(1, len(entries) // limit) if limit else 1
    return Manifest(root, tuple(entries[::every]))


def _class_folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _subject(path: Path) -> str:
    found = SUBJECT.match(path.name)
    return found.group(1) if found else path.stem


def _entry(path: Path, root: Path, fold: int) -> Entry:
    label = path.parent.name
    return Entry(
        path=str(path.relative_to(root)),
        label=label,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        appearance_group=label,
        field_group=_subject(path),
        fold=fold,
    )
