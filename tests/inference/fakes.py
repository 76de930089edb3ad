"""A stand-in for the engine: small, deterministic, and told by the picture itself what to do.

The red value of a picture's first pixel is an order (see `Order`); its width decides how many cells
are found. Named by the setting ANALYSER_LOADER, where the real loader stands otherwise.
"""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded
from PIL import Image

from inference.engine.package import ModelPackage, PackageInvalid
from inference.engine.types import (
    CellCount,
    CellFinding,
    FieldInput,
    FieldResult,
    Measure,
    Progress,
    Quality,
)

LOADER = "tests.inference.fakes.load"
VERIFIER = "tests.inference.fakes.verify"
REFUSING_VERIFIER = "tests.inference.fakes.refuse"
CELL_PX = 20


class Order(IntEnum):
    """What a picture asks of the engine."""

    FIND = 0
    CRASH = 1
    TAKE_TOO_LONG = 2
    NEED_TOO_MUCH_MEMORY = 3
    SEE_TOO_LITTLE = 4
    SLEEP = 5
    DIE = 6


def picture(order: Order = Order.FIND, *, cells: int = 3) -> bytes:
    """A PNG that carries an order."""
    rgb = np.full((64, CELL_PX * max(cells, 3), 3), 200, np.uint8)
    rgb[0, 0] = (order, cells, 0)
    stream = io.BytesIO()
    Image.fromarray(rgb).save(stream, "PNG")
    return stream.getvalue()


def load(folder: Path, sha256: str) -> FakeAnalyser:
    """The loader's seam."""
    return FakeAnalyser()


def verify(package: ModelPackage, exports: Path) -> dict[str, Any]:
    """The verifier's seam: the export answers as the trained model does."""
    return {"passed": True, "largest_difference": 0.0002, "crops": 512}


def refuse(package: ModelPackage, exports: Path) -> dict[str, Any]:
    """The same where it does not."""
    raise PackageInvalid("The exported model differs by 0.02 on 3 of 512 crops.")


class FakeAnalyser:
    def __init__(self) -> None:
        self.batches: list[int] = []

    def analyse_batch(
        self, fields: Sequence[FieldInput], progress: Progress | None = None
    ) -> list[FieldResult]:
        self.batches.append(len(fields))
        if progress:
            progress(0.5, "classifying cells")
        return [_analyse(field) for field in fields]


def _analyse(field: FieldInput) -> FieldResult:
    order, cells, _ = (int(value) for value in field.rgb[0, 0])
    if order == Order.CRASH:
        raise ValueError("a defect of the engine, with a secret in it")
    if order == Order.TAKE_TOO_LONG:
        raise SoftTimeLimitExceeded
    if order == Order.NEED_TOO_MUCH_MEMORY:
        raise MemoryError
    if order == Order.SLEEP:
        time.sleep(1)
    if order == Order.DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    return _result(field, 0 if order == Order.SEE_TOO_LITTLE else cells)


def _result(field: FieldInput, cells: int) -> FieldResult:
    height, width = field.rgb.shape[:2]
    enough = cells > 0
    return FieldResult(
        status="ok" if enough else "insufficient",
        reason=None if enough else "No white cell was found.",
        quality=Quality(focus=1.2, exposure=0.9, stain=0.5, white_cells=cells, warnings=()),
        width=width,
        height=height,
        mpp=field.mpp,
        label="Pre" if enough else None,
        decision="Pre" if enough else "insufficient",
        probabilities={"Pre": 0.9, "Benign": 0.1} if enough else {},
        prediction_set=("Pre",) if enough else (),
        cells=[_cell(number) for number in range(1, cells + 1)],
        count=CellCount(cells, cells, {"Benign": 0, "Pre": cells}, 0),
        masks=np.zeros((height, width), np.uint16),
        timings_ms={"segmentation": 1.0, "classifier": 2.0, "total": 3.0},
    )


def _cell(number: int) -> CellFinding:
    x = (number - 1) * CELL_PX
    return CellFinding(
        id=number,
        bbox=(x, 5, 15, 15),
        area_px=200,
        contour=[(x, 5), (x + 15, 5), (x + 15, 20), (x, 20)],
        label="Pre",
        cell_class="blast",
        probabilities={"Pre": 0.9, "Benign": 0.1},
        prediction_set=("Pre",),
        weight=0.1,
        morphology={"area": Measure(200.0, "px2")},
    )
