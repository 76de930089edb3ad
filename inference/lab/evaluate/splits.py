"""One split, evaluated: overall, round by round, with the background's word beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Progress
from inference.lab.data.order import natural
from inference.lab.data.splits import SPLITS, Round
from inference.lab.evaluate.baseline import background_accuracy
from inference.lab.evaluate.convnet_baseline import whole_field_baseline
from inference.lab.evaluate.curves import curves_of
from inference.lab.evaluate.figures import answers, confusion, figures, guesses
from inference.lab.evaluate.metrics import metrics_of
from inference.lab.train.calibrate import MINIMUM_CELLS
from inference.lab.train.rounds import HeldOut, Study, held_out

HEADINGS = (
    ("fields", "fields"),
    ("accuracy", "accuracy"),
    ("background_only_accuracy", "background"),
    ("whole_field_accuracy", "whole field"),
    ("decided", "decided"),
    ("decided_wrong", "wrong"),
    ("malignant_decided_benign", "missed"),
    ("insufficient", "too few"),
)
LEGEND = (
    "accuracy: most probable class is right, nobody abstains. "
    "background: the same from the colour of the empty background alone. "
    "whole field: the same from a ConvNet that sees the field, scale bar out.\n"
    "decided: one class in the prediction set. wrong: decided and wrong. "
    "missed: malignant decided benign. too few: insufficient cells. All are shares of fields."
)


def evaluate_split(
    study: Study, split: str, progress: Progress | None = None, *, whole_field: bool = False
) -> dict[str, Any]:
    """Train and judge every round of `split`. Returns figures as plain values for JSON.

    whole_field: also train the ConvNet baseline, which takes minutes a round.
    """
    tell = progress or (lambda share, words: None)
    rounds = list(SPLITS[split](study.manifest.entries))
    found = held_out(study, rounds, lambda share, words: tell(0.7 * share, words))
    label = study.label[found.fields]
    said, guess = answers(found, label, MINIMUM_CELLS), guesses(found, label)
    groups = np.array([study.manifest.entries[field].appearance_group for field in found.fields])
    benign = study.classes.index("Benign") if "Benign" in study.classes else None
    background = background_accuracy(study.cells.background, study.label, rounds)
    baselines = {"background_only_accuracy": background}
    if whole_field:
        baselines["whole_field_accuracy"] = whole_field_baseline(
            study.manifest,
            rounds,
            study.cache,
            lambda share, words: tell(0.7 + 0.3 * share, f"baseline, {words}"),
        )

    def row(where: NDArray[np.bool_]) -> dict[str, Any]:
        part = figures(label, guess, said.decision, benign, where)
        plain = {name: round(float(right[where].mean()), 4) for name, right in baselines.items()}
        return {**part, **plain}

    return {
        "split": split,
        "command": command_for(study, split) + (" --whole-field" if whole_field else ""),
        "all": row(np.ones(len(label), bool)),
        "rounds": _by_round(rounds, found, row),
        "groups": _by_group(study, groups, row),
        "metrics": metrics_of(
            label,
            said.probabilities,
            groups,
            study.classes,
            guesses=guess,
            decisions=said.decision,
            sets=said.sets,
        ),
        "curves": curves_of(label, said.probabilities, study.classes, found.learning),
        "confusion": {
            "classes": list(study.classes),
            "rows": confusion(label, guess, study.classes),
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


def _by_group(study: Study, group: NDArray[np.str_], row: Any) -> dict[str, Any]:
    names = {entry.appearance_group: entry.label for entry in study.manifest.entries}
    return {
        f"{name} ({names[name]})": row(group == name)
        for name in sorted(set(group.tolist()), key=natural)
    }


def as_table(report: Mapping[str, Any]) -> str:
    """The figures of one split for people."""
    rows = [("all", report["all"]), *report["groups"].items()]
    if report["split"] == "fold":
        rows = [("all", report["all"]), *report["rounds"].items()]
    titles = (title for key, title in HEADINGS if key in report["all"])
    head = f"{report['split']:<22}" + "".join(f"{title:>12}" for title in titles)
    return "\n".join([head, *(_line(name, values) for name, values in rows)])


def _line(name: str, values: Mapping[str, Any]) -> str:
    cells = (
        f"{values[key]:>12}" if key == "fields" else f"{100 * values[key]:>10.1f} %"
        for key, _ in HEADINGS
        if key in values
    )
    return f"{name:<22}" + "".join(cells)
