"""A model as a folder: `card.json` says what it is, the weights lie beside it.

Reading a package needs neither Keras nor a model in memory, so the web may list models.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.card import (
    CARD,
    CURVES,
    FIELD,
    SCHEMA,
    SEGMENTATION,
    TYPES,
    WEIGHTS,
    Card,
    Decision,
    Named,
    PackageInvalid,
    parse_card,
)
from inference.engine.sizes import CropSettings

__all__ = ["CARD", "FIELD", "SCHEMA", "SEGMENTATION", "TYPES", "PackageInvalid"]

PACKAGES = Path(__file__).resolve().parent.parent / "packages"


@dataclass(frozen=True, slots=True)
class Part:
    """A checked model folder of any kind.

    sha256: of card.json, which names the hash of the weights, so it stands for both.
    """

    sha256: str
    path: Path
    card: Card

    @property
    def name(self) -> str:
        """Of the model."""
        return self.card.name

    @property
    def version(self) -> str:
        """Of the model."""
        return self.card.version

    @property
    def edition(self) -> str:
        """Name and version in one, as folders and cards write it."""
        return self.card.edition


@dataclass(frozen=True, slots=True)
class ModelPackage(Part):
    """A checked folder of a model that judges fields; its parts are checked too."""

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the model's outputs."""
        return self.card.classes

    @property
    def crops(self) -> CropSettings:
        """How this model wants its cells cut."""
        return self.card.crops

    @property
    def decision(self) -> Decision:
        """How this model turns scores into a decision."""
        return self.card.decision

    @property
    def cell_class_of(self) -> Mapping[str, str]:
        """The differential's code for each class of the model."""
        return self.card.cell_class_of


def read_package(path: Path) -> ModelPackage:
    """Check the folder of a field model, and its parts. Raises `PackageInvalid` with a sentence."""
    part = read_part(path, FIELD)
    package = ModelPackage(part.sha256, path, part.card)
    for kind in part.card.parts:
        part_of(package, kind)
    return package


def read_part(path: Path, kind: str) -> Part:
    """Check the folder of a model of `kind` and describe it. Raises `PackageInvalid`."""
    text = _bytes(path / CARD, path)
    part = Part(hashlib.sha256(text).hexdigest(), path, parse_card(text, kind, path.name))
    for named in part.card.files.values():
        _checked_file(named, path)
    return part


def part_of(package: ModelPackage, kind: str) -> Part | None:
    """The part of `kind` that the card of `package` names, None where it names none.

    Raises `PackageInvalid` when it is absent or not the one that the card describes.
    """
    named = package.card.parts.get(kind)
    if named is None:
        return None
    # Parts lie beside the package that uses them: ROOT/NAME/VERSION.
    root = package.path.resolve().parent.parent
    folder = root / named.name
    if not folder.resolve().is_relative_to(root):
        raise PackageInvalid(f"{CARD} in {package.path.name} names a part outside its packages.")
    part = read_part(folder, kind)
    if part.sha256 != named.sha256:
        raise PackageInvalid(f"{part.edition} is not the part that {package.edition} describes.")
    return part


def find_package(name: str | None = None, root: Path = PACKAGES) -> ModelPackage:
    """The newest version of the field model `name` ("name" or "name/version") below `root`.

    Without a name: the only or first model there. Raises `PackageInvalid` with the known names.
    """
    return read_package(_newest(FIELD, name, root))


def find_part(kind: str, name: str | None = None, root: Path = PACKAGES) -> Part:
    """Like `find_package`, for a model of any kind."""
    return read_part(_newest(kind, name, root), kind)


def _newest(kind: str, name: str | None, root: Path) -> Path:
    cards = sorted(root.glob(f"*/*/{CARD}"), key=lambda path: _version_key(path.parent))
    known = [path.parent for path in cards if _kind_in(path) in (kind, None)]
    wanted = [path for path in known if name in (None, path.parent.name, _edition(path))]
    if not wanted:
        names = ", ".join(map(_edition, known)) or "none"
        wanted_name = repr(name) if name else f"of kind {kind!r}"
        raise PackageInvalid(f"There is no model {wanted_name} in {root.name}. Known: {names}.")
    return wanted[-1]


def _edition(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _kind_in(card: Path) -> str | None:
    """What the card says it is; None for a card that cannot be read, so that reading it says so."""
    try:
        return str(json.loads(card.read_bytes())["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load_weights(package: Part) -> list[NDArray[np.float32]]:
    """The model's arrays in Keras's order, as float32. Raises `PackageInvalid` on NaN or damage."""
    try:
        with np.load(named_file(package, WEIGHTS), allow_pickle=False) as stored:
            arrays = [stored[name].astype(np.float32) for name in sorted(stored.files)]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise PackageInvalid(f"The weights of {package.name} cannot be read.") from None
    if not arrays or not all(np.isfinite(array).all() for array in arrays):
        raise PackageInvalid(f"The weights of {package.name} hold values that are not numbers.")
    return arrays


def save_weights(path: Path, arrays: list[NDArray[np.float32]]) -> str:
    """Write arrays as float16 in order; returns the file's SHA-256."""
    named = {f"{number:04d}": array.astype(np.float16) for number, array in enumerate(arrays)}
    np.savez_compressed(path, allow_pickle=False, **named)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def named_file(part: Part, key: str) -> Path:
    """The file that the card names under `key`. Raises `PackageInvalid` where it has changed."""
    return _checked_file(part.card.files[key], part.path)


def shown_card(part: Part) -> dict[str, Any]:
    """The card as it was written, with the curves that lie beside it put back into its figures."""
    card = dict(part.card.content)
    if CURVES in part.card.files:
        curves = json.loads(named_file(part, CURVES).read_bytes())
        card["figures"] = [
            {**one, CURVES: curves[split]} if (split := str(one.get("split"))) in curves else one
            for one in card["figures"]
        ]
    return card


def _bytes(path: Path, folder: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise PackageInvalid(f"{folder.name} has no readable {path.name}.") from None


def _checked_file(named: Named, path: Path) -> Path:
    if hashlib.sha256(_bytes(path / named.name, path)).hexdigest() != named.sha256:
        raise PackageInvalid(
            f"{named.name} in {path.name} is not the file that the card describes."
        )
    return path / named.name


def _version_key(path: Path) -> tuple[str, tuple[int, ...]]:
    digits = (part for part in path.name.split("."))
    return path.parent.name, tuple(int(part) if part.isdigit() else 0 for part in digits)
