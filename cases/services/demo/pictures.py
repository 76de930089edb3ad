"""Synthetic fields as files that a clinic could have sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from zlib import crc32

import cv2

from accounts.actors import Actor
from cases.models import Case
from cases.services.demo.recipes import Recipe
from cases.services.uploads import upload_append, upload_begin

_WIDTH, _HEIGHT = 640, 480
_LOOK_OF_CLINIC = {"RIV": "rose", "HIL": "violet"}


def send_pictures(actor: Actor, case: Case, recipe: Recipe) -> None:
    """Upload the fields of `recipe` into `case`, as far as they are not there yet."""
    there = set(case.images.values_list("filename", flat=True))
    for filename, content in _files(recipe):
        if filename not in there:
            digest = hashlib.sha256(content).hexdigest()
            upload = upload_begin(
                actor=actor, case=case, filename=filename, size=len(content), sha256=digest
            )
            upload_append(actor=actor, upload=upload, offset=0, stream=[content])


def _files(recipe: Recipe) -> Iterator[tuple[str, bytes]]:
    """Name and PNG of each field. The seed comes from the record number, so they never differ."""
    from inference.engine.synthetic import FieldSpec, render_field  # SciPy: not for the web

    start = crc32(recipe.mrn.encode())
    for number in range(recipe.smear.fields):
        spec = FieldSpec(
            width=_WIDTH,
            height=_HEIGHT,
            label=recipe.smear.label,  # type: ignore[arg-type]  # one of the four, see recipes
            look=_LOOK_OF_CLINIC[recipe.clinic],  # type: ignore[arg-type]  # one of its looks
            **dict(recipe.smear.spec),
        )
        picture = render_field(spec, start + number).rgb
        encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        yield f"synthetic-{recipe.mrn.lower()}-{number + 1}.png", encoded.tobytes()
