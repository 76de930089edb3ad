"""Figures of a whole-field architecture: plain values for JSON, lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef, precision_recall_fscore_support

from inference.lab.evaluate.figures import confusion
from inference.lab.train.whole_field.rounds import FieldStudy, JudgedRound
from inference.lab.zoo.registry import preset_of


def field_report(
    study: FieldStudy,
    split: str,
    judged: Sequence[JudgedRound],
    command: str,
    *,
    vote: str | None = None,
) -> dict[str, Any]:
    """Accuracy, macro precision, recall and F1, MCC and confusion: of all rounds and of each.

    vote: how several architectures agreed, None for one alone.
    """
    label = np.concatenate([study.fields.label[one.turn.test] for one in judged])
    guess = np.concatenate([one.scores.argmax(axis=1) for one in judged])
    return {
        "kind": "whole_field",
        "split": split,
        "vote": vote,
        "command": command,
        "paper": preset_of(study.settings.arch).paper,
        "data_sha256": study.manifest.sha256,
        "settings": asdict(study.settings),
        "parameters": judged[0].parameters,
        "scale_bar": "left in, as published" if study.settings.as_published else "painted out",
        "start": "ImageNet, base frozen" if study.settings.imagenet else "random weights",
        "classes": list(study.fields.classes),
        "all": _figures(label, guess, study.fields.classes),
        "rounds": [_round(study, one) for one in judged],
    }


def _round(study: FieldStudy, one: JudgedRound) -> dict[str, Any]:
    label = study.fields.label[one.turn.test]
    found = _figures(label, one.scores.argmax(axis=1), study.fields.classes)
    return {"name": one.turn.name, **found, "curves": one.curves}


def _figures(
    label: NDArray[np.int64], guess: NDArray[np.int64], classes: Sequence[str]
) -> dict[str, Any]:
    precision, recall, f1, _ = precision_recall_fscore_support(
        label, guess, labels=range(len(classes)), average="macro", zero_division=0
    )
    return {
        "fields": len(label),
        "accuracy": round(float((label == guess).mean()), 4),
        "macro_precision": round(float(precision), 4),
        "macro_recall": round(float(recall), 4),
        "macro_f1": round(float(f1), 4),
        "mcc": round(float(matthews_corrcoef(label, guess)), 4),
        "confusion": confusion(label, guess, classes),
    }


def as_lines(report: Mapping[str, Any]) -> str:
    """One line a round, then the confusion of all rounds: rows truth, columns most probable."""
    settings = report["settings"]
    head = (
        f"{title(report)}, {report['split']}, {settings['side']} px, "
        f"{settings['epochs']} epochs, {report['start']}, scale bar {report['scale_bar']}"
    )
    rounds = [_line(one["name"], one) for one in report["rounds"]]
    width = max(map(len, report["classes"])) + 2
    table = [
        f"{name:<{width}}" + "".join(f"{count:>{width}}" for count in row)
        for name, row in zip(report["classes"], report["all"]["confusion"], strict=True)
    ]
    titles = " " * width + "".join(f"{name:>{width}}" for name in report["classes"])
    return "\n".join([head, *rounds, _line("all", report["all"]), "", titles, *table])


def title(report: Mapping[str, Any]) -> str:
    """The architecture, and how it voted where several did."""
    name: str = report["settings"]["arch"]
    return f"{name}, {report['vote']} vote" if report["vote"] else name


def _line(name: str, figures: Mapping[str, Any]) -> str:
    return (
        f"{name:<24}{figures['fields']:>6} fields   accuracy {100 * figures['accuracy']:5.1f} %   "
        f"macro F1 {100 * figures['macro_f1']:5.1f} %"
    )
