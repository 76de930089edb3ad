"""What a training run is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import Crops


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How the default model is trained. epochs: passes over the fields, after the filters."""

    arch: str = "cell_bank"
    epochs: int = 200
    learning_rate: float = 2e-3
    label_smoothing: float = 0.05
    seed: int = 7


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """crops: (n, side, side, 3) uint8. label: (n,) class numbers. field: (n,) field numbers."""

    crops: Crops
    label: NDArray[np.int64]
    field: NDArray[np.int32]
    classes: int
