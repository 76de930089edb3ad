"""The table of all whole-field architectures: figures where trained, a plain word where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inference.lab.evaluate.whole_field import title
from inference.lab.zoo.presets import PRESETS

HEAD = """# Whole-field architectures

Written by `{command}`; no figure is typed by hand. Accuracy and macro F1 are those of fields that
the model had not seen. Believe the split `appearance_round` (whole groups of stain and lamp left
out); `random` only compares with the papers, for sister fields of one smear lie on both sides.

| architecture | of | parameters | split | side | epochs | start | scale bar | accuracy | macro F1 |
|---|---|---|---|---|---|---|---|---|---|
"""


def as_markdown(reports: Sequence[Mapping[str, Any]], command: str) -> str:
    """Markdown with one row a report, and one for each architecture without a report."""
    rows = []
    for name in sorted(PRESETS):
        mine = [one for one in reports if one["settings"]["arch"] == name]
        rows += [_trained(one) for one in mine] or [_untrained(name)]
    commands = "\n".join(one["command"] for one in reports)
    again = f"\n\nEach row again:\n\n```\n{commands}\n```" if commands else ""
    return HEAD.format(command=command) + "\n".join(rows) + again + "\n"


def _trained(report: Mapping[str, Any]) -> str:
    settings, found = report["settings"], report["all"]
    cells = [
        title(report),
        report["paper"],
        f"{report['parameters']:,}",
        report["split"],
        settings["side"],
        settings["epochs"],
        report["start"],
        report["scale_bar"],
        f"{100 * found['accuracy']:.1f} %",
        f"{100 * found['macro_f1']:.1f} %",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _untrained(name: str) -> str:
    preset = PRESETS[name]
    total = f"{preset.counts.total:,}" if preset.counts else ""
    return f"| {name} | {preset.paper} | {total} | | | | | | not trained | |"
