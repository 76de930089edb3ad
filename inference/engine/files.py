"""The engine on files: one picture, one plain line; used by the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inference.engine.analyser import FieldAnalyser, FieldTooLarge
from inference.engine.package import ModelPackage
from inference.engine.types import CellFinding, FieldResult, Labels, Measure, NearestCell
from telepath.core.images import ImageRefused, decode


class MaskNotWritten(OSError):
    """The folder for masks cannot be written; the text is a sentence."""


def analyse_files(
    paths: Iterable[Path], analyser: FieldAnalyser, masks: Path | None = None
) -> Iterator[dict[str, Any]]:
    """One line for each picture, in order; an unreadable file gives a line too.

    masks: folder for `<stem>.png`, 16 bit, pixel = cell id. Raises `MaskNotWritten`.
    """
    used: set[str] = set()
    for path in paths:
        line, found = _analyse(path, analyser)
        if masks is not None and found is not None:
            name = _free_name(path, used)
            write_mask(masks / name, found)
        yield line


def _analyse(path: Path, analyser: FieldAnalyser) -> tuple[dict[str, Any], Labels | None]:
    digest = None
    try:
        digest = _sha256(path)
        picture = decode(path)
        result = analyser.analyse(picture.pixels, picture.mpp)
    except OSError as error:
        reason = f"The file cannot be read: {error.strerror or error}."
        return rejected_line(path, digest, reason, analyser.package), None
    except (ImageRefused, FieldTooLarge) as error:
        return rejected_line(path, digest, str(error), analyser.package), None
    line = result_line(path, digest, result, analyser.package)
    return {**line, "quality": {**line["quality"], "assumed": picture.assumed}}, result.masks


def result_line(
    path: Path, digest: str | None, result: FieldResult, package: ModelPackage
) -> dict[str, Any]:
    """The line of a picture that was analysed."""
    return {
        "path": str(path),
        "sha256": digest,
        "status": result.status,
        "reason": result.reason,
        "quality": asdict(result.quality),
        "image": {"width": result.width, "height": result.height, "mpp": result.mpp},
        "field": {
            "label": result.label,
            "decision": result.decision,
            "probabilities": result.probabilities,
            "prediction_set": list(result.prediction_set),
        },
        "cells": [cell_line(cell) for cell in result.cells],
        "count": asdict(result.count),
        "model": _model(package),
        "timings_ms": result.timings_ms,
    }


def cell_line(cell: CellFinding) -> dict[str, Any]:
    """One cell of a line."""
    measures = {name: _named(measure) for name, measure in cell.morphology.items()}
    return {
        **_named(cell),
        "morphology": measures,
        "nearest": [_named(one) for one in cell.nearest],
    }


def _named(one: CellFinding | Measure | NearestCell) -> dict[str, Any]:
    """Fields by name. `asdict` would copy every value one by one, ten times as slow."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def rejected_line(
    path: Path, digest: str | None, reason: str, package: ModelPackage
) -> dict[str, Any]:
    """The line of a file that is no usable picture: the same keys, nothing in them."""
    return {
        "path": str(path),
        "sha256": digest,
        "status": "rejected",
        "reason": reason,
        "quality": None,
        "image": None,
        "field": None,
        "cells": [],
        "count": {},
        "model": _model(package),
        "timings_ms": {},
    }


def write_mask(path: Path, labels: Labels) -> None:
    """16-bit PNG, pixel = cell id, 0 = background. Raises `MaskNotWritten`."""
    done, png = cv2.imencode(".png", np.ascontiguousarray(labels))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png.tobytes() if done else b"")
    except OSError as error:
        raise MaskNotWritten(f"The mask {path} cannot be written: {error.strerror}.") from error


def _free_name(path: Path, used: set[str]) -> str:
    """`<stem>.png`, or `<stem>-2.png` when another picture of this run has the same stem."""
    name, number = f"{path.stem}.png", 2
    while name in used:
        name, number = f"{path.stem}-{number}.png", number + 1
    used.add(name)
    return name


def _model(package: ModelPackage) -> dict[str, str]:
    return {"name": package.name, "version": package.version, "sha256": package.sha256}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
