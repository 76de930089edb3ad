"""What a model has seen: the list of pictures with their hashes, and the hash of the list."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

CELL_CLASS_OF = {"Benign": "lymphocyte", "Early": "blast", "Pre": "blast", "Pro": "blast"}
"""Benign fields of this data show haematogones: normal lymphoid precursors, not blasts."""


class ManifestInvalid(ValueError):
    """A manifest that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled field. path: relative to the data folder."""

    path: str
    label: str
    sha256: str
    appearance_group: str
    field_group: str
    fold: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Fields in the order of their paths, all below `root`."""

    root: Path
    entries: tuple[Entry, ...]

    @property
    def sha256(self) -> str:
        """Hash over every entry: two manifests with the same hash name the same training data."""
        lines = (json.dumps(asdict(entry), sort_keys=True) for entry in self.entries)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def labels(self) -> list[str]:
        """Label of each entry."""
        return [entry.label for entry in self.entries]


def read_manifest(root: Path, *, limit: int | None = None) -> Manifest:
    """Read `manifest.csv` in the data folder `root`. Raises `ManifestInvalid` with a sentence.

    limit: keep only about this many fields, spread evenly (for a trial run).
    """
    path = root / "manifest.csv"
    if not path.is_file():
        raise ManifestInvalid(f"There is no manifest.csv in {root}. Name the data folder.")
    with path.open(newline="", encoding="utf-8") as file:
        entries = sorted((_entry(row, path) for row in csv.DictReader(file)), key=lambda e: e.path)
    absent = [entry.path for entry in entries if not (root / entry.path).is_file()]
    if absent:
        raise ManifestInvalid(
            f"{len(absent)} pictures named in {path.name} are not there, first {absent[0]}."
        )
    if not entries:
        raise ManifestInvalid(f"{path.name} names no pictures.")
    return thinned(Manifest(root, tuple(entries)), limit)


def thinned(manifest: Manifest, limit: int | None) -> Manifest:
    """About `limit` of its fields, spread evenly; all for None."""
    entries = manifest.entries
    if limit is None or limit >= len(entries):
        return manifest
    kept = (entries[number * len(entries) // limit] for number in range(limit))
    return Manifest(manifest.root, tuple(kept))


def check_hashes(manifest: Manifest) -> None:
    """Read every picture and compare its hash. Raises `ManifestInvalid` at the first difference."""
    for entry in manifest.entries:
        found = hashlib.sha256((manifest.root / entry.path).read_bytes()).hexdigest()
        if found != entry.sha256:
            raise ManifestInvalid(f"{entry.path} is not the picture that the manifest names.")


def _entry(row: dict[str, str], path: Path) -> Entry:
    try:
        return Entry(
            path=row["path"],
            label=row["class"],
            sha256=row["sha256"],
            appearance_group=row["appearance_group"],
            field_group=row["field_group"],
            fold=int(row["fold"]),
        )
    except KeyError as missing:
        raise ManifestInvalid(f"{path.name} has no column {missing}.") from None
    except (TypeError, ValueError):
        raise ManifestInvalid(f"{path.name} has a row that cannot be read: {row}.") from None
