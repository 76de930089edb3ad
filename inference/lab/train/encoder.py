"""The part of a `cell_bank` that is learned without labels: filters, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import keras
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.cluster import MiniBatchKMeans

from inference.engine.crops import Crops
from inference.engine.types import Floats
from inference.engine.zoo.cell_bank import (
    BANKS,
    FILTERS,
    LEVEL,
    PROJECTED,
    Bank,
    features_model,
)
from inference.lab.train.augment import Strength, augment

PATCHES = 30_000
LEAST_VARIANCE = 0.01
"""Added to the variance of each direction of a patch, so that noise is not blown up."""
AT_ONCE = 512
VIEWS: Sequence[Strength | None] = (
    None,
    *[Strength.TURNED] * 3,
    Strength.MILD,
    Strength.STRONG,
)
"""Each cell is learned from as it is, turned, and changed a little and much, all alike often."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """banks: kernel (s, s, 3, 256) and bias (256,) of each. project: (1024, 448), offset (448,)."""

    banks: tuple[tuple[Floats, Floats], ...]
    project: Floats
    offset: Floats


def learn_encoder(crops: Crops, seed: int) -> tuple[Encoder, Floats]:
    """Learn from cells without their labels; also returns their `VIEWS` (views, n, 448) float32.

    crops: (n, side, side, 3) uint8 of the fields that may be learned from.
    """
    rng = np.random.default_rng(seed)
    banks = tuple(_learn_bank(crops, bank, rng) for bank in BANKS)
    network = _with_banks(crops.shape[1], banks)
    plain = _answers(network, crops, None, rng)
    project, offset = _projection(plain)
    views = [plain @ project + offset]
    for strength in VIEWS[1:]:
        views.append(_answers(network, crops, strength, rng) @ project + offset)
    return Encoder(banks, project, offset), np.stack(views)


def encode(encoder: Encoder, crops: Crops) -> Floats:
    """(n, side, side, 3) uint8 crops -> (n, 448) projected answers of the filters."""
    network = _with_banks(crops.shape[1], encoder.banks)
    answers = _answers(network, crops, None, np.random.default_rng(0))
    return np.asarray(answers @ encoder.project + encoder.offset, np.float32)


def _with_banks(side: int, banks: Sequence[tuple[Floats, Floats]]) -> keras.Model:
    network = features_model(side)
    for number, weights in enumerate(banks):
        network.get_layer(f"bank_{number}").set_weights(weights)
    return network


def _answers(
    network: keras.Model, crops: Crops, strength: Strength | None, rng: np.random.Generator
) -> Floats:
    parts = [network.predict_on_batch(part) for part in _padded_parts(crops, strength, rng)]
    return np.concatenate(parts)[: len(crops)]


def _padded_parts(
    crops: Crops, strength: Strength | None, rng: np.random.Generator
) -> Iterator[Floats]:
    for start in range(0, len(crops), AT_ONCE):
        part = crops[start : start + AT_ONCE]
        changed = augment(part, rng, strength) if strength else part
        # One batch size, or the backend would compile a second pass.
        missing = AT_ONCE - len(part)
        yield np.pad(changed, ((0, missing), (0, 0), (0, 0), (0, 0))).astype(np.float32)


def _learn_bank(crops: Crops, bank: Bank, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """K-means of whitened patches: kernel and bias of a convolution that finds them again.

    Source: Coates and Ng, Learning feature representations with k-means (2012), sections 2 and 3.
    """
    patches = _patches(crops, bank, rng)
    mean = patches.mean(axis=0)
    values, vectors = eigh(np.cov((patches - mean).T))
    whiten = vectors / np.sqrt(np.maximum(values, 0) + LEAST_VARIANCE) @ vectors.T
    white = _unit((patches - mean) @ whiten)
    found = MiniBatchKMeans(
        FILTERS, random_state=int(rng.integers(2**31)), batch_size=4096, n_init=1, max_iter=20
    ).fit(white)
    filters = _unit(found.cluster_centers_) @ whiten
    kernel = filters.T.reshape(bank.side, bank.side, 3, FILTERS)
    bias = -(filters @ mean) - bank.threshold
    return kernel.astype(np.float32), bias.astype(np.float32)


def _patches(crops: Crops, bank: Bank, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, side * side * 3) patches that lie at least half inside a cell."""
    side = crops.shape[1] // bank.shrink
    found: list[NDArray[np.float64]] = []
    # Half of all places lie outside of cells; empty crops would never give one.
    for _ in range(20 * PATCHES):
        crop = crops[rng.integers(len(crops))]
        row, column = rng.integers(0, side - bank.side, 2) * bank.shrink
        reach = bank.side * bank.shrink
        patch = crop[row : row + reach, column : column + reach]
        if (patch.any(axis=-1)).mean() > 0.5:
            small = cv2.resize(patch, (bank.side, bank.side), interpolation=cv2.INTER_AREA)
            found.append(small.ravel() / LEVEL)
        if len(found) == PATCHES:
            break
    if len(found) < FILTERS:
        raise ValueError("The cells hold too few stained pixels to learn filters from.")
    return np.array(found)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)
    return unit


def _projection(answers: Floats) -> tuple[Floats, Floats]:
    """Standardised principal components, (f, 448) and offset (448,): scale evened out by half.

    Source: Jolliffe, Principal Component Analysis (2002), for the components.
    """
    mean, spread = answers.mean(axis=0), answers.std(axis=0) + 1e-3
    standard = (answers - mean) / spread
    top = standard.shape[1] - 1
    values, vectors = eigh(
        np.cov(standard.T), subset_by_index=(top + 1 - PROJECTED, top), driver="evr"
    )
    deviation = np.sqrt(np.maximum(values, 1e-6))
    scale = np.sqrt(deviation * deviation.mean())
    project = vectors / scale / spread[:, None]
    return project.astype(np.float32), (-(mean @ project)).astype(np.float32)
