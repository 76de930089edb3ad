"""A model as a folder: `card.json` says what it is, the weights lie beside it.

Reading a package needs neither Keras nor a model in memory, so the web may list models.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.sizes import CropSettings

CARD = "card.json"
PACKAGES = Path(__file__).resolve().parent.parent / "packages"
SCHEMA = 2
FIELD, SEGMENTATION, TYPES = "field", "segmentation", "types"
"""Kinds of models."""
FILES = ("field_head", "references", "notes")
"""Files of a package beside its weights, named in its card with their hashes."""


class PackageInvalid(ValueError):
    """A model folder that must not be used; the text is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Decision:
    """temperature, coverage: see `training.calibrate`. minimum_cells: fewer are "insufficient".

    cell_temperature, cell_coverage: for single cells, which earn less confidence than a field.
    """

    temperature: float
    coverage: float
    minimum_cells: int
    cell_temperature: float = 1.0
    cell_coverage: float = 0.95


@dataclass(frozen=True, slots=True)
class Part:
    """A checked model folder of any kind.

    sha256: of card.json, which names the hash of the weights, so it stands for both.
    """

    name: str
    version: str
    sha256: str
    path: Path
    card: Mapping[str, Any]

    @property
    def edition(self) -> str:
        """Name and version in one, as folders and cards write it."""
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class ModelPackage(Part):
    """A checked folder of a model that judges fields; its parts are checked too."""

    classes: tuple[str, ...] = ()

    @property
    def crops(self) -> CropSettings:
        """How this model wants its cells cut."""
        return CropSettings(**self.card["crops"])

    @property
    def decision(self) -> Decision:
        """How this model turns scores into a decision."""
        chosen = self.card["decision"]
        return Decision(
            chosen["temperature"],
            chosen["coverage"],
            chosen["minimum_cells"],
            chosen.get("cell_temperature", 1.0),
            chosen.get("cell_coverage", chosen["coverage"]),
        )

    @property
    def cell_class_of(self) -> Mapping[str, str]:
        """The differential's code for each class of the model."""
        codes: Mapping[str, str] = self.card["cell_class_of"]
        return codes


def read_package(path: Path) -> ModelPackage:
    """Check the folder of a field model, and its parts. Raises `PackageInvalid` with a sentence."""
    part = read_part(path, FIELD)
    _check_fields(part.card, FIELD_REQUIRED, path)
    _check_classes(part.card, path)
    _check_numbers(part.card, path)
    package = ModelPackage(
        part.name, part.version, part.sha256, path, part.card, tuple(part.card["classes"])
    )
    for kind in part.card.get("parts", {}):
        part_of(package, kind)
    return package


def read_part(path: Path, kind: str) -> Part:
    """Check the folder of a model of `kind` and describe it. Raises `PackageInvalid`."""
    card_bytes = _bytes(path / CARD, path)
    try:
        card = json.loads(card_bytes)
    except ValueError:
        raise PackageInvalid(f"{CARD} in {path.name} is not valid JSON.") from None
    if not isinstance(card, dict):
        raise PackageInvalid(f"{CARD} in {path.name} is not an object.")
    _check_fields(card, REQUIRED, path)
    if card["schema"] != SCHEMA:
        raise PackageInvalid(f"{CARD} in {path.name} has schema {card['schema']}, not {SCHEMA}.")
    if card["kind"] != kind:
        raise PackageInvalid(f"{path.name} is a model of kind {card['kind']!r}, not {kind!r}.")
    for key in {"weights", *FILES} & set(card):
        _checked_file(card, key, path)
    digest = hashlib.sha256(card_bytes).hexdigest()
    return Part(card["name"], card["version"], digest, path, card)


def part_of(package: ModelPackage, kind: str) -> Part | None:
    """The part of `kind` that the card of `package` names, None where it names none.

    Raises `PackageInvalid` when it is absent or not the one that the card describes.
    """
    named = package.card.get("parts", {}).get(kind)
    if named is None:
        return None
    # Parts lie beside the package that uses them: ROOT/NAME/VERSION.
    root = package.path.resolve().parent.parent
    folder = root / str(named.get("package", ""))
    if not folder.resolve().is_relative_to(root):
        raise PackageInvalid(f"{CARD} in {package.path.name} names a part outside its packages.")
    part = read_part(folder, kind)
    if part.sha256 != named.get("sha256"):
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
        with np.load(package.path / package.card["weights"]["file"], allow_pickle=False) as stored:
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
    """The file that the card names under `key` as {"file", "sha256"}. Raises `PackageInvalid`."""
    return _checked_file(part.card, key, part.path)


def _bytes(path: Path, folder: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise PackageInvalid(f"{folder.name} has no readable {path.name}.") from None


REQUIRED: Mapping[str, type | tuple[type, ...]] = {
    "schema": int,
    "kind": str,
    "name": str,
    "version": str,
    "architecture": str,
    "weights": dict,
    "training": dict,
    "figures": list,
    "limits": list,
}
FIELD_REQUIRED: Mapping[str, type | tuple[type, ...]] = {
    "classes": list,
    "cell_class_of": dict,
    "segmenter": str,
    "crops": dict,
    "decision": dict,
    "clinical_position": str,
}


def _check_fields(
    card: Mapping[str, Any], required: Mapping[str, type | tuple[type, ...]], path: Path
) -> None:
    for key, kind in required.items():
        if not isinstance(card.get(key), kind):
            raise PackageInvalid(f"{CARD} in {path.name} lacks {key!r} or it has another type.")


def _check_classes(card: Mapping[str, Any], path: Path) -> None:
    classes = card["classes"]
    if len(classes) < 2 or len(set(map(str, classes))) != len(classes):
        raise PackageInvalid(f"{CARD} in {path.name} needs two or more different classes.")
    missing = [name for name in classes if name not in card["cell_class_of"]]
    if missing:
        raise PackageInvalid(f"{CARD} in {path.name} maps no cell class to {missing[0]!r}.")


def _check_numbers(card: Mapping[str, Any], path: Path) -> None:
    decision, crops = card["decision"], card["crops"]
    numbers = {
        "temperature": decision.get("temperature"),
        "coverage": decision.get("coverage"),
        "minimum_cells": decision.get("minimum_cells"),
        "cell_temperature": decision.get("cell_temperature", 1.0),
        "cell_coverage": decision.get("cell_coverage", decision.get("coverage")),
        **{key: crops.get(key) for key in CropSettings.__dataclass_fields__},
    }
    for key, value in numbers.items():
        if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise PackageInvalid(f"{CARD} in {path.name}: {key} must be a number above zero.")
    if unknown := set(crops) - set(CropSettings.__dataclass_fields__):
        raise PackageInvalid(f"{CARD} in {path.name}: unknown crop setting {min(unknown)!r}.")


def _checked_file(card: Mapping[str, Any], key: str, path: Path) -> Path:
    named = card[key] if isinstance(card.get(key), dict) else {}
    name = str(named.get("file", ""))
    if not name or Path(name).name != name:
        raise PackageInvalid(f"{CARD} in {path.name} names no {key} file beside it.")
    if hashlib.sha256(_bytes(path / name, path)).hexdigest() != named.get("sha256"):
        raise PackageInvalid(f"{name} in {path.name} is not the file that the card describes.")
    return path / name


def _version_key(path: Path) -> tuple[str, tuple[int, ...]]:
    digits = (part for part in path.name.split("."))
    return path.parent.name, tuple(int(part) if part.isdigit() else 0 for part in digits)
