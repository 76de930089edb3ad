"""A package folder made in the test, without training."""

from __future__ import annotations

import json

import numpy as np

from inference.engine.package import CARD, SCHEMA, save_weights

CLASSES = ["Benign", "Early", "Pre", "Pro"]


def write_package(path, arrays=None, **changes):
    """A valid package at `path`; `changes` replace entries of its card."""
    path.mkdir(parents=True, exist_ok=True)
    arrays = [np.zeros((2, 2), np.float32)] if arrays is None else arrays
    digest = save_weights(path / "weights.npz", arrays)
    card = {
        "schema": SCHEMA,
        "kind": "field",
        "name": "drawn",
        "version": "1.0.0",
        "architecture": "cell_cnn",
        "classes": CLASSES,
        "cell_class_of": {"Benign": "lymphocyte", "Early": "blast", "Pre": "blast", "Pro": "blast"},
        "segmenter": "adaptive",
        "crops": {"side": 48, "window": 1.4, "rim": 0.05},
        "decision": {"temperature": 1.0, "coverage": 0.9, "minimum_cells": 2, "threshold": 0.5},
        "weights": {"file": "weights.npz", "sha256": digest, "dtype": "float16"},
        "training": {},
        "figures": [],
        "limits": [],
        "clinical_position": "A suggestion.",
    }
    card.update(changes)
    (path / CARD).write_text(json.dumps(card))
    return path
