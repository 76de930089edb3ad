"""A package folder that appears whole or not at all, whatever kind of model it holds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from inference.engine.card import CURVES
from inference.engine.package import (
    CARD,
    FIELD,
    SCHEMA,
    PackageInvalid,
    Part,
    find_part,
    read_package,
    read_part,
    save_weights,
)
from inference.engine.types import Floats
from inference.lab.publish.notes import Notes

NOTES, WEIGHTS = "notes.toml", "weights.npz"
CURVES_FILE = "curves.json"
AUDIT = "audit"
"""The split that marks an audit among figures."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Name and version of a package, and where packages lie."""

    name: str
    version: str
    root: Path

    @property
    def path(self) -> Path:
        """Folder of this package."""
        return self.root / self.name / self.version


@dataclass(frozen=True, slots=True)
class Told:
    """What is put into a card beside what the training knows of itself.

    figures: of an evaluation. command: makes the package again. notes: see `training.notes`.
    """

    figures: Sequence[Mapping[str, Any]]
    command: str
    notes: Notes


def check_words(edition: Edition, notes: Notes) -> None:
    """Raises `PackageInvalid` where `edition` exists and says other words than `notes`."""
    if not (edition.path / CARD).is_file():
        return
    card = json.loads((edition.path / CARD).read_bytes())
    if card.get("notes", {}).get("sha256") != notes.sha256:
        raise PackageInvalid(
            f"{edition.name} {edition.version} is there and was described in other words, which "
            "stay as they are. Train under another --edition, or give the notes that it has."
        )


@contextmanager
def written_aside(edition: Edition) -> Iterator[Path]:
    """A folder to write to, which takes the name of `edition` when the block ends without error.

    An older folder of that name is replaced.
    """
    aside = edition.path.with_name(f".{edition.version}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    yield aside
    shutil.rmtree(edition.path, ignore_errors=True)
    aside.rename(edition.path)


def make_card(
    kind: str,
    edition: Edition,
    told: Told,
    *,
    architecture: str,
    training: Mapping[str, Any],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """What a card of any kind says. training: what the model saw. more: of this kind alone."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "name": edition.name,
        "version": edition.version,
        "architecture": architecture,
        **more,
        "training": {
            "source": list(told.notes.sources),
            **training,
            "backend": keras.backend.backend(),
            "command": told.command,
        },
        "figures": list(told.figures),
        "limits": list(told.notes.limits),
        "tried": list(told.notes.tried),
        "clinical_position": told.notes.position,
    }


def write_files(folder: Path, weights: Sequence[Floats], notes: Notes) -> dict[str, Any]:
    """Weights and notes of any model; what the card says of them."""
    digest = save_weights(folder / WEIGHTS, [np.asarray(one) for one in weights])
    (folder / NOTES).write_bytes(notes.content)
    return {
        "weights": {"file": WEIGHTS, "sha256": digest, "dtype": "float16"},
        "notes": {"file": NOTES, "sha256": notes.sha256},
    }


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Put `card` into `folder`; the curves of its figures, which drawings read, beside it."""
    figures = card["figures"]
    curves = {str(one.get("split")): one["curves"] for one in figures if CURVES in one}
    plain = [{key: value for key, value in one.items() if key != CURVES} for one in figures]
    whole = {**card, "figures": plain, **(_curves_beside(folder, curves) if curves else {})}
    (folder / CARD).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _curves_beside(folder: Path, curves: Mapping[str, Any]) -> dict[str, Any]:
    content = json.dumps(curves).encode()
    (folder / CURVES_FILE).write_bytes(content)
    return {CURVES: {"file": CURVES_FILE, "sha256": hashlib.sha256(content).hexdigest()}}


def publish_part(
    card: Mapping[str, Any], weights: Sequence[Floats], edition: Edition, notes: Notes
) -> Part:
    """Write a model that is a part of others, check it, and only then give it its name.

    Raises `PackageInvalid`, also where the edition exists in other words.
    """
    check_words(edition, notes)
    with written_aside(edition) as aside:
        write_card(aside, {**card, **write_files(aside, weights, notes)})
        read_part(aside, card["kind"])
    return read_part(edition.path, card["kind"])


def describe_again(kind: str, edition: Edition, figures: Sequence[Mapping[str, Any]]) -> Part:
    """Put other figures, and the parts as they are now, into the card of a finished edition.

    What was said of it in words stays. figures: of an evaluation, and of `audit_model`, whose
    newest takes the place of the card's audit. Raises `PackageInvalid` when the edition is not
    whole; then nothing is changed.
    """
    part = read_part(edition.path, kind)
    audits = [report for report in figures if report.get("split") == AUDIT]
    card = {key: value for key, value in part.card.content.items() if key != CURVES}
    card["figures"] = [one for one in figures if one.get("split") != AUDIT]
    if named := part.card.parts:
        card["parts"] = {
            kind: name_of(find_part(kind, one.name, edition.root)) for kind, one in named.items()
        }
    if audits:
        card["audit"] = audits[-1]
    with written_aside(edition) as aside:
        shutil.copytree(edition.path, aside, dirs_exist_ok=True)
        (aside / CURVES_FILE).unlink(missing_ok=True)
        write_card(aside, card)
        (read_package(aside) if kind == FIELD else read_part(aside, kind))
    return read_part(edition.path, kind)


def name_of(part: Part) -> dict[str, str]:
    """How a card names a part."""
    return {"package": part.edition, "sha256": part.sha256}
