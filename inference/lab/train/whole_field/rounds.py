"""Whole-field models in turns: each judges only fields that it has not seen."""

from __future__ import annotations

import hashlib
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
from inference.lab.data.splits import Round
from inference.lab.train.whole_field.checkpoint import Curves
from inference.lab.train.whole_field.loop import FieldSettings, predict, train_fields


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
    path = study.cache / "rounds" / f"{_key(study, turn)}.npz"
    if not path.is_file():
        checkpoint = path.with_suffix("")
        _train_and_judge(study, turn, path, checkpoint, progress)
        shutil.rmtree(checkpoint, ignore_errors=True)
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        return JudgedRound(turn, stored["scores"], about["curves"], about["parameters"])


def _train_and_judge(
    study: FieldStudy, turn: Round, path: Path, checkpoint: Path, progress: Progress | None
) -> None:
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
    aside = path.with_suffix(".part.npz")
    np.savez(aside, scores=scores, about=np.array(about))
    aside.replace(path)


def _key(study: FieldStudy, turn: Round) -> str:
    """Names all that a round's model depends on, so that nothing stale is used again."""
    parts = [
        study.manifest.sha256,
        asdict(study.settings),
        CACHE_VERSION,
        turn.train.tolist(),
        turn.test.tolist(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def part_of(progress: Progress | None, number: int, total: int, name: str) -> Progress | None:
    """What one of `total` equal parts tells of itself, told as a share of the whole."""
    if progress is None:
        return None
    return lambda share, words: progress((number + share) / total, f"{name}: {words}")
