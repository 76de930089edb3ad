"""The vote of architectures that were trained apart, as Sunitha and Pradeep take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from inference.engine.types import Floats, Progress
from inference.lab.data.splits import Round
from inference.lab.train.progress import part_of
from inference.lab.train.whole_field.rounds import (
    FieldStudy,
    JudgedRound,
    judge_rounds,
)
from inference.lab.zoo.bases import VOTERS
from inference.lab.zoo.votes import LEAST, averaged, majority, weighted


def judge_by_vote(
    study: FieldStudy, rounds: Sequence[Round], how: str, progress: Progress | None = None
) -> list[JudgedRound]:
    """Train and judge each member on its own, then let them vote; how: a name of `VOTES`."""
    members = []
    for number, name in enumerate(VOTERS):
        alone = replace(study, settings=replace(study.settings, arch=name))
        tell = part_of(progress, number, len(VOTERS), name)
        members.append(judge_rounds(alone, rounds, tell))
    return vote(members, how)


def vote(members: Sequence[Sequence[JudgedRound]], how: str) -> list[JudgedRound]:
    """One result a round from the members' results of the same rounds; how: a name of `VOTES`."""
    return [_together(list(parts), VOTES[how]) for parts in zip(*members, strict=True)]


Vote = Callable[[Floats, Sequence[JudgedRound]], Floats]


def _together(parts: Sequence[JudgedRound], ballot: Vote) -> JudgedRound:
    probabilities = np.exp(np.stack([part.scores for part in parts]))
    scores = np.log(np.maximum(ballot(probabilities, parts), LEAST)).astype(np.float32)
    return JudgedRound(parts[0].turn, scores, [], sum(part.parameters for part in parts))


def _majority(probabilities: Floats, parts: Sequence[JudgedRound]) -> Floats:
    chosen = majority(probabilities)
    return np.eye(probabilities.shape[2], dtype=np.float32)[chosen]


def _weighted(probabilities: Floats, parts: Sequence[JudgedRound]) -> Floats:
    """Each member counts by its accuracy in training: that on the judged fields would flatter."""
    return weighted(probabilities, [part.curves[-1]["accuracy"] for part in parts])


def _averaged(probabilities: Floats, parts: Sequence[JudgedRound]) -> Floats:
    return averaged(probabilities)


VOTES: Mapping[str, Vote] = {
    "majority": _majority,
    "weighted": _weighted,
    "averaged": _averaged,
}
