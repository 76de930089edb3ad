"""From the cells of a field to its class: attention, mean and spread, two small layers in numpy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import ModelPackage, PackageInvalid, named_file
from inference.engine.pooling import softmax
from inference.engine.types import CellScores, Floats

LEAST_VARIANCE = 1e-4
NAMES = ("hidden", "hidden_bias", "output", "output_bias")


@dataclass(frozen=True, slots=True, eq=False)
class FieldHead:
    """hidden: (2 D, h), hidden_bias: (h,), output: (h, C), output_bias: (C,), all float32."""

    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    def scores(self, cells: CellScores, weights: Floats) -> Floats:
        """Logits (C,) of a field from its cells; weights: (n,), adding up to 1."""
        share = weights[:, None]
        mean = (cells.embedding * share).sum(axis=0)
        variance = (cells.embedding**2 * share).sum(axis=0) - mean**2
        spread = np.sqrt(np.maximum(variance, 0) + LEAST_VARIANCE)
        seen = np.concatenate([mean, spread]) @ self.hidden + self.hidden_bias
        return np.asarray(np.maximum(seen, 0) @ self.output + self.output_bias, np.float32)


def attention_weights(cells: CellScores, usable: NDArray[np.bool_]) -> Floats:
    """Share of each cell in the field's decision: softmax over usable cells, 0 for cut ones."""
    weights = np.zeros(len(cells), np.float32)
    if usable.any():
        weights[usable] = softmax(cells.attention[usable])
    return weights


def folded(weights: Mapping[str, list[NDArray[np.float32]]]) -> FieldHead:
    """The head out of a trained `bag_model`'s layers field_norm, field_hidden and field.

    The normalisation is a line per input, so it disappears into the layer behind it.
    """
    gamma, beta, mean, variance = weights["field_norm"]
    slope = gamma / np.sqrt(variance + 1e-3)
    kernel, bias = weights["field_hidden"]
    output, output_bias = weights["field"]
    shift = (beta - mean * slope) @ kernel
    return FieldHead(slope[:, None] * kernel, bias + shift, output, output_bias)


def save_head(path: Path, head: FieldHead) -> str:
    """Write the head to `path` (.npz, float32); returns the file's SHA-256."""
    np.savez_compressed(path, allow_pickle=False, **{name: getattr(head, name) for name in NAMES})
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_head(package: ModelPackage) -> FieldHead:
    """The head of a package. Raises `PackageInvalid` when it is damaged or of other size."""
    path = named_file(package, "field_head")
    try:
        with np.load(path, allow_pickle=False) as stored:
            head = FieldHead(*(stored[name].astype(np.float32) for name in NAMES))
    except (OSError, ValueError, KeyError):
        raise PackageInvalid(f"The field head of {package.edition} cannot be read.") from None
    if not all(np.isfinite(getattr(head, name)).all() for name in NAMES):
        raise PackageInvalid(f"The field head of {package.edition} holds what is not a number.")
    if head.output.shape != (len(head.hidden_bias), len(package.classes)):
        raise PackageInvalid(f"The field head of {package.edition} does not fit its classes.")
    return head
