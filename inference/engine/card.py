"""What a model says of itself: `card.json`, parsed and checked once, read by name after that."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inference.engine.sizes import CropSettings

CARD = "card.json"
SCHEMA = 2
FIELD, SEGMENTATION, TYPES = "field", "segmentation", "types"
"""Kinds of models."""
WEIGHTS, CURVES = "weights", "curves"
FILES = (WEIGHTS, "field_head", "references", "notes", CURVES)
"""Files of a package, named in its card with their hashes; the weights always."""

_Types = type | tuple[type, ...]
_EVERY: Mapping[str, _Types] = {
    "schema": int,
    "kind": str,
    "name": str,
    "version": str,
    "architecture": str,
    WEIGHTS: dict,
    "training": dict,
    "figures": list,
    "limits": list,
}
_NAMING: Mapping[str, _Types] = {
    "classes": list,
    "cell_class_of": dict,
    "crops": dict,
    "decision": dict,
}
_REQUIRED: Mapping[str, Mapping[str, _Types]] = {
    FIELD: {**_EVERY, **_NAMING, "segmenter": str, "clinical_position": str},
    TYPES: {**_EVERY, **_NAMING},
    SEGMENTATION: _EVERY,
}


class PackageInvalid(ValueError):
    """A model folder that must not be used; the text is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Named:
    """A file or another package, with the hash that it must have."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Decision:
    """temperature, coverage: see `lab.train.calibrate`. minimum_cells: fewer are "insufficient".

    cell_temperature, cell_coverage: for single cells, which earn less confidence than a field.
    threshold: of the largest probability of a type. What a kind does not have is 0.
    """

    temperature: float
    coverage: float = 0.0
    minimum_cells: int = 0
    cell_temperature: float = 1.0
    cell_coverage: float = 0.0
    threshold: float = 0.0


@dataclass(frozen=True, slots=True)
class Audit:
    """Whether the model kept its word, and the sentences on what failed."""

    passed: bool
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells people; read from any card, however old.

    purpose: in the author's words. figures: of each evaluation, plain values. audit: None where
    there is none.
    """

    kind: str = ""
    purpose: str = ""
    position: str = ""
    limits: tuple[str, ...] = ()
    figures: tuple[Mapping[str, Any], ...] = ()
    audit: Audit | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A checked card. content: all of it as it was written, for those who show or copy it.

    files: by their keys in `FILES`. parts: other packages by kind. classes, cell_class_of, crops,
    decision: of models that name cells. segmenter: of field models. filters: of a U-Net.
    """

    content: Mapping[str, Any]
    kind: str
    name: str
    version: str
    architecture: str
    files: Mapping[str, Named]
    parts: Mapping[str, Named] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    cell_class_of: Mapping[str, str] = field(default_factory=dict)
    crops: CropSettings = field(default_factory=CropSettings)
    decision: Decision = field(default_factory=lambda: Decision(1.0))
    segmenter: str = ""
    filters: tuple[int, ...] = ()

    @property
    def edition(self) -> str:
        """Name and version in one, as folders and cards write it."""
        return f"{self.name}/{self.version}"


def parse_card(text: bytes, kind: str, folder: str) -> Card:
    """The card of a model of `kind`. folder: how a sentence names where it lies.

    Raises `PackageInvalid`.
    """
    try:
        content = json.loads(text)
    except ValueError:
        raise PackageInvalid(f"{CARD} in {folder} is not valid JSON.") from None
    if not isinstance(content, dict):
        raise PackageInvalid(f"{CARD} in {folder} is not an object.")
    _check(content, kind, folder)
    card = Card(
        content=content,
        kind=kind,
        name=content["name"],
        version=content["version"],
        architecture=content["architecture"],
        files={key: _file(content, key, folder) for key in FILES if key in content},
        parts={
            part: Named(str(one.get("package", "")), str(one.get("sha256", "")))
            for part, one in content.get("parts", {}).items()
        },
        filters=tuple(content.get("filters", ())),
    )
    return card if kind == SEGMENTATION else _naming(card, folder)


def told_by(content: Mapping[str, Any]) -> Told:
    """What the card `content` tells people."""
    audit = content.get("audit")
    return Told(
        kind=str(content.get("kind", "")),
        purpose=str(content.get("intended_use") or ""),
        position=str(content.get("clinical_position", "")),
        limits=tuple(map(str, _listed(content, "limits"))),
        figures=tuple(one for one in _listed(content, "figures") if isinstance(one, Mapping)),
        audit=_audit(audit) if isinstance(audit, Mapping) else None,
    )


def _audit(found: Mapping[str, Any]) -> Audit:
    return Audit(found.get("passed") is True, tuple(map(str, _listed(found, "failed"))))


def _listed(content: Mapping[str, Any], key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []


def _check(content: Mapping[str, Any], kind: str, folder: str) -> None:
    required = _EVERY if content.get("kind") != kind else _REQUIRED[kind]
    for key, wanted in required.items():
        if not isinstance(content.get(key), wanted):
            raise PackageInvalid(f"{CARD} in {folder} lacks {key!r} or it has another type.")
    if content["schema"] != SCHEMA:
        raise PackageInvalid(f"{CARD} in {folder} has schema {content['schema']}, not {SCHEMA}.")
    if content["kind"] != kind:
        raise PackageInvalid(f"{folder} is a model of kind {content['kind']!r}, not {kind!r}.")


def _file(content: Mapping[str, Any], key: str, folder: str) -> Named:
    named = content[key] if isinstance(content[key], dict) else {}
    name = str(named.get("file", ""))
    if not name or Path(name).name != name:
        raise PackageInvalid(f"{CARD} in {folder} names no {key} file beside it.")
    return Named(name, str(named.get("sha256", "")))


def _naming(card: Card, folder: str) -> Card:
    """`card` with what models that name cells need."""
    content = card.content
    classes = tuple(map(str, content["classes"]))
    if len(classes) < 2 or len(set(classes)) != len(classes):
        raise PackageInvalid(f"{CARD} in {folder} needs two or more different classes.")
    codes = {str(name): str(code) for name, code in content["cell_class_of"].items()}
    if missing := [name for name in classes if name not in codes]:
        raise PackageInvalid(f"{CARD} in {folder} maps no cell class to {missing[0]!r}.")
    return replace(
        card,
        classes=classes,
        cell_class_of=codes,
        crops=_crops(content["crops"], folder),
        decision=_decision(content["decision"], card.kind, folder),
        segmenter=str(content.get("segmenter", "")),
    )


def _crops(chosen: Mapping[str, Any], folder: str) -> CropSettings:
    names = CropSettings.__dataclass_fields__
    if unknown := set(chosen) - set(names):
        raise PackageInvalid(f"{CARD} in {folder}: unknown crop setting {min(unknown)!r}.")
    _numbers({name: chosen.get(name) for name in names}, folder)
    return CropSettings(**chosen)


def _decision(chosen: Mapping[str, Any], kind: str, folder: str) -> Decision:
    if kind == TYPES:
        numbers = {key: chosen.get(key) for key in ("temperature", "threshold")}
    else:
        numbers = {key: chosen.get(key) for key in ("temperature", "coverage", "minimum_cells")}
        numbers["cell_temperature"] = chosen.get("cell_temperature", 1.0)
        numbers["cell_coverage"] = chosen.get("cell_coverage", numbers["coverage"])
    return Decision(**_numbers(numbers, folder))


def _numbers(values: Mapping[str, Any], folder: str) -> Mapping[str, Any]:
    for key, value in values.items():
        if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise PackageInvalid(f"{CARD} in {folder}: {key} must be a number above zero.")
    return values
