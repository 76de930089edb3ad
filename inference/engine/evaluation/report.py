"""One split, evaluated: overall, round by round, with the background's word beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inference.engine.evaluation.baseline import background_accuracy
from inference.engine.evaluation.figures import confusion, decide, figures, select
from inference.engine.training.publish import MINIMUM_CELLS
from inference.engine.training.rounds import HeldOut, Study, held_out
from inference.engine.training.splits import SPLITS, Round
from inference.engine.types import Progress

HEADINGS = (
    ("fields", "fields"),
    ("accuracy", "accuracy"),
    ("background_only_accuracy", "background"),
    ("decided", "decided"),
    ("decided_wrong", "wrong"),
    ("malignant_decided_benign", "missed"),
    ("insufficient", "too few"),
)
LEGEND = (
    "accuracy: most probable class is right, nobody abstains. "
    "background: the same from the colour of the empty background alone.\n"
    "decided: one class in the prediction set. wrong: decided and wrong. "
    "missed: malignant decided benign. too few: insufficient cells. All are shares of fields."
)


def evaluate_split(study: Study, split: str, progress: Progress | None = None) -> dict[str, Any]:
    """Train and judge every round of `split`. Returns figures as plain values for JSON."""
    rounds = list(SPLITS[split](study.manifest.entries))
    found = held_out(study, rounds, progress)
    label = study.label[found.fields]
    benign = study.classes.index("Benign") if "Benign" in study.classes else -1
    decision = decide(found, label, MINIMUM_CELLS)
    background = background_accuracy(study.cells.background, study.label, rounds)

    def row(where: np.ndarray) -> dict[str, Any]:
        part = figures(select(found, where), label[where], decision[where], benign)
        plain = round(float(background[where].mean()), 4)
        return {**part.as_dict(), "background_only_accuracy": plain}

    return {
        "split": split,
        "command": command_for(study, split),
        "all": row(np.ones(len(label), bool)),
        "rounds": _by_round(rounds, found, row),
        "groups": _by_group(study, found, row),
        "confusion": {
            "classes": list(study.classes),
            "rows": confusion(label, found.scores.argmax(axis=1), study.classes),
        },
    }


def command_for(study: Study, split: str) -> str:
    """The command that gives these figures again."""
    settings = study.settings
    return (
        f"python manage.py evaluate --split {split} --arch {settings.arch} "
        f"--epochs {settings.epochs} --seed {settings.seed}"
    )


def _by_round(rounds: Sequence[Round], found: HeldOut, row: Any) -> dict[str, Any]:
    return {turn.name: row(found.round == number) for number, turn in enumerate(rounds)}


def _by_group(study: Study, found: HeldOut, row: Any) -> dict[str, Any]:
    group = np.array([study.manifest.entries[index].appearance_group for index in found.fields])
    names = {entry.appearance_group: entry.label for entry in study.manifest.entries}
    return {
        f"{name} ({names[name]})": row(group == name)
        for name in sorted(set(group.tolist()), key=int)
    }


def as_table(report: Mapping[str, Any]) -> str:
    """The figures of one split for people."""
    rows = [("all", report["all"]), *report["groups"].items()]
    if report["split"] == "fold":
        rows = [("all", report["all"]), *report["rounds"].items()]
    head = f"{report['split']:<22}" + "".join(f"{title:>12}" for _, title in HEADINGS)
    return "\n".join([head, *(_line(name, values) for name, values in rows)])


def _line(name: str, values: Mapping[str, Any]) -> str:
    cells = (
        f"{values[key]:>12}" if key == "fields" else f"{100 * values[key]:>10.1f} %"
        for key, _ in HEADINGS
    )
    return f"{name:<22}" + "".join(cells)
