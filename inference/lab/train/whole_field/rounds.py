"""Whole-field models in turns: each judges only fields that it has not seen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats, Progress
from inference.lab.data.manifest import Manifest, ManifestInvalid
from inference.lab.data.pictures import CACHE_VERSION, FieldSet, Wrap, load_fields
from inference.lab.data.scratch import Arrays, kept, key_of
from inference.lab.data.splits import Round
from inference.lab.train.progress import part_of
from inference.lab.train.whole_field.loop import Curves, FieldSettings, predict, train_fields


@dataclass(frozen=True, slots=True, eq=False)
class FieldStudy:
    """All that rounds share. cache: scratch folder. weights: folder with ImageNet files."""

    manifest: Manifest
    fields: FieldSet
    settings: FieldSettings
    cache: Path
    weights: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JudgedRound:
    """One finished round. scores: (n, classes) log probabilities of the fields `turn.test`."""

    turn: Round
    scores: Floats
    curves: Curves
    parameters: int


def open_field_study(
    manifest: Manifest,
    settings: FieldSettings,
    *,
    cache: Path,
    weights: Path | None = None,
    wrap: Wrap = lambda paths: paths,
) -> FieldStudy:
    """Decode the fields, or find them decoded. Raises `ManifestInvalid`."""
    folder = cache / "whole_field"
    fields = load_fields(
        manifest, settings.side, cache=folder, as_published=settings.as_published, wrap=wrap
    )
    return FieldStudy(manifest, fields, settings, folder, weights)


def judge_rounds(
    study: FieldStudy, rounds: Sequence[Round], progress: Progress | None = None
) -> list[JudgedRound]:
    """Train and judge every round; finished ones are read from the cache.

    Raises `ManifestInvalid` when a round leaves a class without a field to train on.
    """
    _check(study, rounds)
    return [
        _judged(study, turn, part_of(progress, number, len(rounds), turn.name))
        for number, turn in enumerate(rounds)
    ]


def right(study: FieldStudy, judged: Sequence[JudgedRound]) -> NDArray[np.bool_]:
    """Whether the most probable class is the true one, field by field, in order of the rounds."""
    return np.concatenate(
        [one.scores.argmax(axis=1) == study.fields.label[one.turn.test] for one in judged]
    )


def _check(study: FieldStudy, rounds: Sequence[Round]) -> None:
    for turn in rounds:
        left = set(study.fields.label[turn.train].tolist())
        for number, name in enumerate(study.fields.classes):
            if number not in left:
                raise ManifestInvalid(
                    f"{turn.name} leaves no {name} to train on. "
                    "Choose another split or more fields."
                )


def _judged(study: FieldStudy, turn: Round, progress: Progress | None) -> JudgedRound:
    places = [turn.train.tolist(), turn.test.tolist()]
    key = key_of(study.manifest.sha256, asdict(study.settings), CACHE_VERSION, *places)
    path = study.cache / "rounds" / f"{key}.npz"
    checkpoint = path.with_suffix("")
    stored = kept(path, lambda: _train_and_judge(study, turn, checkpoint, progress))
    shutil.rmtree(checkpoint, ignore_errors=True)
    about = json.loads(str(stored["about"]))
    return JudgedRound(turn, stored["scores"], about["curves"], about["parameters"])


def _train_and_judge(
    study: FieldStudy, turn: Round, checkpoint: Path, progress: Progress | None
) -> Arrays:
    model, curves = train_fields(
        study.fields,
        turn,
        study.settings,
        weights=study.weights,
        checkpoint=checkpoint,
        progress=progress,
    )
    scores = predict(model, study.fields.pixels, turn.test, study.settings.batch)
    about = json.dumps({"curves": curves, "parameters": int(model.count_params())})
    return {"scores": scores, "about": np.array(about)}
