"""Fields as files: real ones from a folder, synthetic ones anywhere."""

from __future__ import annotations

from pathlib import Path

import cv2

from inference.engine.synthetic import FieldSpec, render_field

SUFFIXES = {".jpg", ".jpeg", ".png"}
LIKE_TALEQANI = FieldSpec(width=224, height=224, cell_diameter_px=32.0)
"""Size of the fields that the source papers used."""


class NoPictures(ValueError):
    """A folder that gives nothing to measure; the text is a sentence."""


def field_files(folder: Path | None, wanted: int, place: Path) -> list[Path]:
    """At most `wanted` pictures, spread evenly over `folder`; drawn below `place` without one.

    Raises `NoPictures`.
    """
    if folder is None:
        return [_drawn(seed, place) for seed in range(wanted)]
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise NoPictures(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    return files[:: max(1, len(files) // wanted)][:wanted]


def _drawn(seed: int, place: Path) -> Path:
    path = place / f"synthetic-{seed:03d}.jpg"
    cv2.imwrite(str(path), render_field(LIKE_TALEQANI, seed).rgb[..., ::-1])
    return path
