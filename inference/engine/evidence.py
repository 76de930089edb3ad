"""Why a cell was called what it was: where in it the evidence lies, and which cells look alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import ModelPackage, PackageInvalid, named_file
from inference.engine.types import Floats, NearestCell


def scaled_map(evidence: Floats) -> list[list[int]]:
    """(h, w) evidence for one class -> h rows of w values, 0 to 255; [] without any.

    Only what speaks for the class more than the cell's average does is shown, the most as 255.
    """
    if not evidence.size:
        return []
    above = np.maximum(evidence - evidence.mean(), 0)
    levels = np.round(255 * above / max(float(above.max()), 1e-6)).astype(int)
    return [[int(value) for value in row] for row in levels]


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Cells of the training fields that new cells are compared with.

    embedding: (m, D) float32 of length one. label: (m,) class numbers. name: of each cell.
    """

    embedding: Floats
    label: NDArray[np.int64]
    name: tuple[str, ...]
    classes: tuple[str, ...]

    def nearest(self, embedding: Floats) -> list[list[NearestCell]]:
        """For each of (n, D) cells the most similar reference of each class, best first."""
        alike = unit(embedding) @ self.embedding.T
        columns = [np.flatnonzero(self.label == number) for number in range(len(self.classes))]
        best = [
            (name, mine[alike[:, mine].argmax(axis=1)], alike[:, mine].max(axis=1))
            for name, mine in zip(self.classes, columns, strict=True)
            if len(mine)
        ]
        return [
            sorted(
                (
                    NearestCell(name, self.name[places[cell]], round(float(values[cell]), 4))
                    for name, places, values in best
                ),
                key=lambda one: -one.similarity,
            )
            for cell in range(len(embedding))
        ]


def unit(vectors: Floats) -> Floats:
    """(n, D) vectors, each brought to length one."""
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6), np.float32)


def save_references(path: Path, references: References) -> str:
    """Write the references to `path` (.npz, float16); returns the file's SHA-256."""
    stored: dict[str, Any] = {
        "embedding": references.embedding.astype(np.float16),
        "label": references.label,
        "name": np.array(references.name),
    }
    np.savez_compressed(path, allow_pickle=False, **stored)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_references(package: ModelPackage) -> References | None:
    """The references of a package, None where its card names none. Raises `PackageInvalid`."""
    if "references" not in package.card.files:
        return None
    path = named_file(package, "references")
    try:
        with np.load(path, allow_pickle=False) as stored:
            embedding = unit(stored["embedding"].astype(np.float32))
            names = tuple(map(str, stored["name"]))
            return References(embedding, stored["label"], names, package.classes)
    except (OSError, ValueError, KeyError):
        raise PackageInvalid(f"The reference cells of {package.edition} cannot be read.") from None
