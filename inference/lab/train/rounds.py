"""Training and judging in turns: each round's model sees nothing of the fields it is judged on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.segmentation import identity
from inference.engine.sizes import CropSettings
from inference.engine.types import Floats, Progress
from inference.engine.zoo import cell_bank
from inference.lab.data.cells import CACHE_VERSION, CellSet
from inference.lab.data.manifest import Manifest
from inference.lab.data.scratch import Arrays, kept, key_of, recipe_of
from inference.lab.data.splits import Round
from inference.lab.train import augment, bags, encoder
from inference.lab.train.bags import BagClassifier, train_bags
from inference.lab.train.progress import part_of
from inference.lab.train.settings import TrainingData, TrainingSettings


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

    fields: (n,) positions in the manifest. scores: (n, classes) logits before temperature.
    cells: (n,) usable cells. round: (n,) which round judged the field. cell_scores: (m, classes)
    logits of their cells, cell_field: (m,) position of each one's field in the manifest.
    learning: of each round, loss and accuracy on its training fields by epoch.
    """

    fields: NDArray[np.intp]
    scores: Floats
    cells: NDArray[np.int64]
    round: NDArray[np.int64]
    cell_scores: Floats
    cell_field: NDArray[np.int32]
    learning: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)


def held_out(study: Study, rounds: Sequence[Round], progress: Progress | None = None) -> HeldOut:
    """Train and judge every round; finished rounds are read from the cache."""
    parts = [
        _judged(study, turn, part_of(progress, number, len(rounds), turn.name))
        for number, turn in enumerate(rounds)
    ]
    number_of = [np.full(len(turn.test), number) for number, turn in enumerate(rounds)]
    return HeldOut(
        fields=np.concatenate([turn.test for turn in rounds]),
        scores=np.concatenate([part.scores for part in parts]),
        cells=np.concatenate([part.cells for part in parts]),
        round=np.concatenate(number_of),
        cell_scores=np.concatenate([part.cell_scores for part in parts]),
        cell_field=np.concatenate([part.cell_field for part in parts]),
        learning={turn.name: part.history for turn, part in zip(rounds, parts, strict=True)},
    )


def training_data(study: Study, fields: NDArray[np.intp]) -> TrainingData:
    """The cells of `fields` with the label of their field."""
    chosen = study.cells.of_fields(fields)
    owner = study.cells.field[chosen]
    return TrainingData(study.cells.crops[chosen], study.label[owner], owner, len(study.classes))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """What one round's model said; see `HeldOut`."""

    scores: Floats
    cells: NDArray[np.int64]
    cell_scores: Floats
    cell_field: NDArray[np.int32]
    history: Mapping[str, Sequence[float]]


def judge(model: BagClassifier, cells: CellSet, fields: NDArray[np.intp]) -> _Judged:
    """What `model` says of `fields`. A field without a cell gets equal scores."""
    chosen = cells.of_fields(fields)
    owner, found = cells.field[chosen], model.cells(cells.crops[chosen])
    count = np.bincount(owner, minlength=int(fields.max(initial=0)) + 1)[fields]
    scores = model.fields(found, owner, fields)
    return _Judged(scores, count.astype(np.int64), found.logits, owner, model.history)


def _judged(study: Study, turn: Round, progress: Progress | None) -> _Judged:
    stored = kept(
        study.cache / "rounds" / f"{round_key(study, turn.test)}.npz",
        lambda: _train_and_judge(study, turn, progress),
    )
    history = json.loads(str(stored.pop("history")))
    return _Judged(**stored, history=history)


def _train_and_judge(study: Study, turn: Round, progress: Progress | None) -> Arrays:
    model = train_bags(training_data(study, turn.train), study.settings, progress)
    found = judge(model, study.cells, turn.test)
    arrays = {part.name: getattr(found, part.name) for part in fields(_Judged)}
    return {**arrays, "history": np.array(json.dumps(found.history))}


def round_key(study: Study, test: NDArray[np.intp]) -> str:
    """Names all that the model of a round depends on, so that nothing stale is used again."""
    return key_of(
        study.manifest.sha256,
        asdict(study.settings),
        asdict(study.crops),
        identity(study.method),
        CACHE_VERSION,
        _recipe(),
        test.tolist(),
    )


@cache
def _recipe() -> str:
    """Changes when the code that learns does: a round of another recipe is not this one's."""
    return recipe_of(augment, bags, encoder, cell_bank)


def calibration_rounds(found: HeldOut) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Pairs (calibrate on, judge) so that no field is judged by a calibration that saw its round.

    A single round is cut into even and odd fields.
    """
    part = found.round if found.round.max(initial=0) > 0 else found.fields % 2
    for number in np.unique(part):
        yield part != number, part == number
