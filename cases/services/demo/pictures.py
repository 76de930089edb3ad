"""Synthetic fields as files that a clinic could have sent, and the truth about their cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import cv2
import numpy as np

from accounts.actors import Actor
from cases.models import Case
from cases.selectors.cells import CellView
from cases.services.demo.recipes import Recipe
from cases.services.uploads import upload_append, upload_begin
from inference.choices import CellClass

if TYPE_CHECKING:
    from inference.engine.synthetic import SyntheticField

_WIDTH, _HEIGHT = 560, 420
_LEUKAEMIC_STAIN = (("look", "sky"), ("blur_px", 1.5))
_BENIGN_STAIN = (("look", "blue"), ("blur_px", 2.0))
_OTHERS = (("lymphocyte", 0.06), ("neutrophil", 0.04))
_BENIGN_MIX = (("lymphocyte", 0.5), ("neutrophil", 0.35), ("monocyte", 0.1), ("eosinophil", 0.05))
_LEUKAEMIC = frozenset({"Early", "Pre", "Pro"})


def send_pictures(actor: Actor, case: Case, recipe: Recipe) -> None:
    """Upload the fields of `recipe` into `case`, as far as they are not there yet."""
    there = case.images.count()
    for number, field in enumerate(_fields(recipe, start=there), start=there + 1):
        bgr = cv2.cvtColor(field.rgb, cv2.COLOR_RGB2BGR)
        content = cv2.imencode(".png", bgr)[1].tobytes()
        upload = upload_begin(
            actor=actor,
            case=case,
            filename=f"synthetic-{recipe.mrn.lower()}-{number}.png",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        upload_append(actor=actor, upload=upload, offset=0, stream=[content])


def true_classes(recipe: Recipe, cells: Sequence[CellView]) -> list[tuple[CellView, CellClass]]:
    """What each cell of the case was drawn as."""
    fields = list(_fields(recipe))
    return [(cell, _true_class(fields[cell.position - 1], cell)) for cell in cells]


def _fields(recipe: Recipe, *, start: int = 0) -> Iterator[SyntheticField]:
    """The fields from index `start` on. The record number is the seed: always the same."""
    from inference.engine.synthetic import FieldSpec, render_field

    seed = crc32(recipe.mrn.encode())
    for number in range(start, recipe.smear.fields):
        spec = FieldSpec(
            width=_WIDTH,
            height=_HEIGHT,
            label=recipe.smear.label,  # type: ignore[arg-type]  # one of the four, see recipes
            **{**_drawn_as(recipe.smear.label), **dict(recipe.smear.spec)},
        )
        yield render_field(spec, seed + number)


def _drawn_as(label: str) -> dict[str, Any]:
    """Cells and a stain that the shipped model, which knows one hospital's smears, can read.

    In both stains the ground and the red cells are alike: only the white cells tell them apart.
    """
    if label in _LEUKAEMIC:
        return {**dict(_LEUKAEMIC_STAIN), "mix": {label: 0.9, **dict(_OTHERS)}}
    return {**dict(_BENIGN_STAIN), "mix": dict(_BENIGN_MIX)}


def _true_class(field: SyntheticField, cell: CellView) -> CellClass:
    """The class of the drawn cell that fills most of the box of `cell`."""
    x, y, width, height = cell.bbox
    drawn = field.cells[y : y + height, x : x + width]
    covered = np.bincount(drawn[drawn > 0])
    if not covered.size:
        return CellClass.NOT_A_CELL
    name = field.truth[int(covered.argmax()) - 1].cell_class
    if name in _LEUKAEMIC:
        return CellClass.BLAST
    return CellClass.LYMPHOCYTE if name == "Benign" else CellClass(name)
