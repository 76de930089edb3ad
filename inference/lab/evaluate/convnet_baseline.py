"""What a network of the papers' kind reaches on the same rounds: the whole field, no cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Progress
from inference.lab.data.manifest import Manifest
from inference.lab.data.splits import Round
from inference.lab.train.whole_field.loop import FieldSettings
from inference.lab.train.whole_field.rounds import judge_rounds, open_field_study, right

BASELINE = FieldSettings.of_preset("convnet")
"""Four convolutions on the whole field, flips, zoom, shear; the scale bar is painted out."""


def whole_field_baseline(
    manifest: Manifest, rounds: Sequence[Round], cache: Path, progress: Progress | None = None
) -> NDArray[np.bool_]:
    """(n,) whether the ConvNet names the class right, field by field, in order of `rounds`.

    Finished rounds are read from `cache`; a new one takes minutes. Raises `ManifestInvalid`.
    """
    study = open_field_study(manifest, BASELINE, cache=cache)
    return right(study, judge_rounds(study, rounds, progress))
