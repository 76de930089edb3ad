"""What an audit found, whether that is enough, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inference.lab.data.manifest import Entry
from inference.lab.data.order import natural

Question = Literal["unchanged", "painted", "swapped", "shifted", "bar"]

AUDIT_FLOORS: Mapping[Question, float] = {
    "painted": 0.99,
    "swapped": 0.90,
    "shifted": 0.90,
    "bar": 0.95,
}
"""Shares that a model must reach. painted: insufficient, in each way of painting. swapped: label
kept, over all backgrounds. shifted, bar: label kept, under each shift and with each bar."""

KEYS: Mapping[Question, str] = {
    "painted": "painted_out_is_insufficient",
    "swapped": "label_kept_on_background_of_another_class",
    "shifted": "label_kept_under",
    "bar": "label_kept_with_scale_bar",
}
WORDS: Mapping[Question, str] = {
    "painted": "cells painted out with {}: insufficient",
    "swapped": "background of {}: label kept",
    "shifted": "{}: label kept",
    "bar": "scale bar {}: label kept",
}
ALL = "all other classes"
"""Over every background of another class at once."""
SPLIT_OF_GROUPS = "appearance_round"
"""The split whose colour-only accuracy stands beside each group."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One field under one change. bar: type of its scale bar, empty where unknown.

    passed: the model did as an honest one should. right: it named the field's class.
    """

    entry: Entry
    bar: str
    question: Question
    change: str
    passed: bool
    right: bool


def summary(
    trials: Sequence[Trial],
    colours: Mapping[str, Mapping[str, float]],
    *,
    edition: str,
    fields: int,
) -> dict[str, Any]:
    """The audit as plain values for JSON; `passed` and `failed` are what an activation asks.

    colours: accuracy of the colour-only baseline by split, for "all" and each appearance group.
    """
    shares = {question: _by_change(trials, question) for question in KEYS}
    failed = list(_failures(shares)) if any(shares.values()) else [NOTHING_TO_AUDIT]
    return {
        "split": "audit",
        "command": f"python manage.py audit_model {edition} --limit {fields}",
        "fields": fields,
        "fields_changed": len({t.entry.path for t in trials if t.question == "painted"}),
        "accuracy": _share(trial.right for trial in trials if trial.question == "unchanged"),
        **{KEYS[question]: found for question, found in shares.items()},
        "accuracy_under": _accuracies(trials),
        "by_appearance_group": _groups(trials, colours.get(SPLIT_OF_GROUPS, {})),
        "by_scale_bar_type": _rows(trials, "type", lambda trial: trial.bar),
        "colour_only_accuracy": {split: found["all"] for split, found in colours.items()},
        "floors": {KEYS[question]: floor for question, floor in AUDIT_FLOORS.items()},
        "passed": not failed,
        "failed": failed,
    }


NOTHING_TO_AUDIT = "The model named no class on any of the fields: nothing could be audited."


def as_lines(report: Mapping[str, Any]) -> str:
    """The audit for people."""
    head = f"{report['fields']} fields, {report['fields_changed']} of them named and changed"
    shares = [
        f"{WORDS[question].format(name):<58}{100 * share:>6.1f} %"
        for question, key in KEYS.items()
        for name, share in report[key].items()
    ]
    colours = (
        f"colour of the background alone, split {split}: {100 * share:.1f} % accurate"
        for split, share in report["colour_only_accuracy"].items()
    )
    verdict = ["Passed." if report["passed"] else "Failed.", *report["failed"]]
    tables = [
        _table("appearance group", report["by_appearance_group"]),
        _table("scale bar", report["by_scale_bar_type"]),
    ]
    return "\n".join([head, *shares, *colours, "", *tables, *verdict])


def _by_change(trials: Sequence[Trial], question: Question) -> dict[str, float]:
    asked = [trial for trial in trials if trial.question == question]
    changes = dict.fromkeys(trial.change for trial in asked)
    names = sorted(changes) if question == "swapped" else list(changes)
    found = {name: _mean([t.passed for t in asked if t.change == name]) for name in names}
    overall = {ALL: _mean([t.passed for t in asked])} if question == "swapped" and asked else {}
    return overall | found


def _failures(shares: Mapping[Question, Mapping[str, float]]) -> Iterator[str]:
    for question, floor in AUDIT_FLOORS.items():
        for name, share in shares[question].items():
            if share < floor and (question != "swapped" or name == ALL):
                words = WORDS[question].format(name)
                yield (
                    f"{words[0].upper()}{words[1:]} in {100 * share:.1f} % of the fields, "
                    f"{100 * floor:.0f} % are needed."
                )


def _accuracies(trials: Sequence[Trial]) -> dict[str, float | None]:
    """Accuracy where the cells are still there: overall for each kind of change."""
    asked: tuple[Question, ...] = ("swapped", "shifted", "bar")
    return {
        question: _share(trial.right for trial in trials if trial.question == question)
        for question in asked
    }


def _groups(trials: Sequence[Trial], colours: Mapping[str, float]) -> list[dict[str, Any]]:
    rows = _rows(trials, "group", lambda trial: trial.entry.appearance_group)
    labels = {trial.entry.appearance_group: trial.entry.label for trial in trials}
    return [
        {
            **row,
            "group": f"{row['group']} ({labels[row['group']]})",
            "colour_only_accuracy": colours.get(row["group"]),
        }
        for row in rows
    ]


def _rows(trials: Sequence[Trial], title: str, key: Callable[[Trial], str]) -> list[dict[str, Any]]:
    """A row for each part of the fields: how many, accuracy, share passed of each question."""
    names = sorted({key(trial) for trial in trials}, key=natural)
    return [_row(title, name, [t for t in trials if key(t) == name]) for name in names if name]


def _row(title: str, name: str, trials: Sequence[Trial]) -> dict[str, Any]:
    unchanged = [trial.right for trial in trials if trial.question == "unchanged"]
    return {
        title: name,
        "fields": len(unchanged),
        "accuracy": _share(unchanged),
        **{
            question: _share(trial.passed for trial in trials if trial.question == question)
            for question in KEYS
        },
    }


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    columns = list(rows[0])
    head = f"{title:<18}" + "".join(f"{_short(name):>12}" for name in columns[1:])
    return "\n".join([head, *(_line(list(row.values())) for row in rows), ""])


def _short(name: str) -> str:
    return name.removesuffix("_accuracy").replace("_", " ")


def _line(values: Sequence[Any]) -> str:
    name, fields, *shares = values
    cells = (f"{'–':>12}" if one is None else f"{100 * one:>10.1f} %" for one in shares)
    return f"{name:<18}{fields:>12}" + "".join(cells)


def _share(kept: Iterable[bool]) -> float | None:
    """The mean, None where nothing was asked."""
    known = list(kept)
    return _mean(known) if known else None


def _mean(kept: Sequence[bool]) -> float:
    return round(sum(kept) / len(kept), 4)
