"""Training and judging in turns: each round's model sees nothing of the fields it is judged on."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from inference.engine.crops import CropSettings
from inference.engine.pooling import log_softmax
from inference.engine.training.dataset import CACHE_VERSION, CellSet
from inference.engine.training.loop import TrainingData, TrainingSettings, logits, train
from inference.engine.training.manifest import Manifest
from inference.engine.training.splits import Round
from inference.engine.types import Floats, Progress


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """All that rounds share. classes: in the order of the model's outputs.

    crops, method: how `cells` were cut and found. cache: scratch folder for finished rounds.
    """

    manifest: Manifest
    cells: CellSet
    classes: tuple[str, ...]
    crops: CropSettings
    method: str
    settings: TrainingSettings
    cache: Path

    @property
    def label(self) -> NDArray[np.int64]:
        """Class number of each field."""
        known = {name: number for number, name in enumerate(self.classes)}
        return np.array([known[label] for label in self.manifest.labels()], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Scores of fields by models that never saw them.

    fields: (n,) positions in the manifest. scores: (n, classes) pooled log probabilities before
    temperature. cells: (n,) usable cells. round: (n,) which round judged the field.
    """

    fields: NDArray[np.intp]
    scores: Floats
    cells: NDArray[np.int64]
    round: NDArray[np.int64]


def held_out(study: Study, rounds: Sequence[Round], progress: Progress | None = None) -> HeldOut:
    """Train and judge every round; finished rounds are read from the cache."""
    parts = [
        _judged(study, turn, number, _part(progress, number, len(rounds), turn.name))
        for number, turn in enumerate(rounds)
    ]
    return HeldOut(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def training_data(study: Study, fields: NDArray[np.intp]) -> TrainingData:
    """The cells of `fields` with the label of their field."""
    chosen = study.cells.of_fields(fields)
    field = study.cells.field[chosen]
    return TrainingData(study.cells.crops[chosen], study.label[field], field, len(study.classes))


def field_scores(
    model: keras.Model, cells: CellSet, fields: NDArray[np.intp]
) -> tuple[Floats, NDArray[np.int64]]:
    """Pooled log probabilities (n, classes) of `fields`, and how many cells each rests on.

    A field without a cell gets equal scores.
    """
    chosen = cells.of_fields(fields)
    values = log_softmax(logits(model, cells.crops[chosen]))
    place = np.searchsorted(fields, cells.field[chosen])
    total = np.zeros((len(fields), values.shape[1]), np.float32)
    np.add.at(total, place, values)
    count = np.bincount(place, minlength=len(fields))
    return (total / np.maximum(count, 1)[:, None]).astype(np.float32), count.astype(np.int64)


def _judged(
    study: Study, turn: Round, number: int, progress: Progress | None
) -> tuple[NDArray[np.intp], Floats, NDArray[np.int64], NDArray[np.int64]]:
    path = study.cache / "rounds" / f"{round_key(study, turn.test)}.npz"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint = path.with_suffix("")
        data = training_data(study, turn.train)
        model = train(data, study.settings, checkpoint=checkpoint, progress=progress)
        scores, cells = field_scores(model, study.cells, turn.test)
        aside = path.with_suffix(".part.npz")
        np.savez(aside, scores=scores, cells=cells)
        aside.replace(path)
        shutil.rmtree(checkpoint, ignore_errors=True)
    with np.load(path, allow_pickle=False) as stored:
        scores, cells = stored["scores"], stored["cells"]
    return turn.test, scores, cells, np.full(len(turn.test), number)


def round_key(study: Study, test: NDArray[np.intp]) -> str:
    """Names all that the model of a round depends on, so that nothing stale is used again."""
    parts = [
        study.manifest.sha256,
        asdict(study.settings),
        asdict(study.crops),
        study.method,
        CACHE_VERSION,
        test.tolist(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _part(progress: Progress | None, number: int, total: int, name: str) -> Progress | None:
    if progress is None:
        return None
    return lambda share, words: progress((number + share) / total, f"{name}: {words}")


def calibration_rounds(found: HeldOut) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Pairs (calibrate on, judge) so that no field is judged by a calibration that saw its round.

    A single round is cut into even and odd fields.
    """
    part = found.round if found.round.max(initial=0) > 0 else found.fields % 2
    for number in np.unique(part):
        yield part != number, part == number
