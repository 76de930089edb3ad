"""Model packages small enough for a test: a true card, and weights that are only bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FAILED = "Cells painted out: insufficient on 91 % of the fields, 99 % needed."
AT_LENGTH = "Only for the comparison of stains, until Friday."


def write_package(
    root: Path, name: str = "cells", version: str = "1.0", *, weights: bytes = b"w", **card: Any
) -> Path:
    """Write `root/name/version`; `card` replaces parts of the card."""
    folder = root / name / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.npz").write_bytes(weights)
    content = {
        "schema": 2,
        "kind": "field",
        "name": name,
        "version": version,
        "architecture": "cell_cnn",
        "classes": ["Benign", "Early", "Pre", "Pro"],
        "cell_class_of": {
            "Benign": "lymphocyte",
            "Early": "blast",
            "Pre": "blast",
            "Pro": "blast",
        },
        "segmenter": "hsv",
        "crops": _crops(),
        "decision": {"temperature": 1.5, "coverage": 0.9, "minimum_cells": 3},
        "weights": {"file": "weights.npz", "sha256": hashlib.sha256(weights).hexdigest()},
        "training": {"fields": 3256, "source": "Taleqani"},
        "figures": [
            {"split": "appearance group", "accuracy": 0.713},
            {"split": "random", "accuracy": 0.977},
        ],
        "limits": ["One hospital, one stain.", "Few patients a class."],
        "audit": {"passed": True, "failed": []},
        "clinical_position": "A morphological suggestion; flow cytometry decides.",
        **card,
    }
    (folder / "card.json").write_text(json.dumps(content))
    return folder


def write_failed(packages, **more):
    """A package whose audit did not pass."""
    return write_package(packages, audit={"passed": False, "failed": [FAILED]}, **more)


def _crops() -> dict[str, float]:
    from inference.engine.sizes import CropSettings

    return dict.fromkeys(CropSettings.__dataclass_fields__, 32)
