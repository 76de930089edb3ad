"""What every runtime offers: pictures in, arrays out, any number of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.serving.batches import steps
from inference.engine.types import Floats

OUTPUT = "output"
"""The name of what a model returns that has one output and gives it no name."""

Outputs = dict[str, Floats]


class WrongInput(ValueError):
    """Pictures that a model cannot take; the text is a sentence."""


class Forward(ABC):
    """A compiled model. Thread-safe: one batch runs at a time, on all cores."""

    def __init__(self, shape: Sequence[int | None], sizes: Sequence[int]) -> None:
        """shape: of one picture, None where any length will do. sizes: batches, ascending."""
        self.shape = tuple(shape)
        self.sizes = tuple(sorted(sizes))
        self._lock = Lock()

    def __call__(self, pictures: NDArray[Any]) -> Outputs:
        """(n, ...) of any number type, n may be 0 -> float32 arrays of n rows, by output name.

        A model with one output without a name: `OUTPUT`. Raises `WrongInput`.
        """
        self._check(pictures)
        with self._lock:
            parts = [
                self._run(pictures[start:stop], size)
                for start, stop, size in steps(len(pictures), self.sizes)
            ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @abstractmethod
    def _run(self, pictures: NDArray[Any], size: int) -> Outputs:
        """At most `size` pictures in a batch of `size`; returns as many rows as pictures."""

    def _check(self, pictures: NDArray[Any]) -> None:
        given, wanted = pictures.shape[1:], self.shape
        fits = len(given) == len(wanted) and all(
            want in (None, have) for have, want in zip(given, wanted, strict=True)
        )
        if not fits:
            raise WrongInput(f"The model takes pictures of shape {wanted}, not {given}.")
