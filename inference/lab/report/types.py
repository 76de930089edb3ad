"""Figures of cell types as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_lines(report: Mapping[str, Any]) -> str:
    """A report of `training.cell_types.evaluate` as text: sums first, then a line a type."""
    return _field_lines(report) if "by_label" in report else _type_lines(report)


def _type_lines(report: Mapping[str, Any]) -> str:
    head = (
        f"{report['set']}: {report['cells']} cells, macro F1 {report['macro_f1']:.3f}, accuracy "
        f"{report['accuracy']:.3f}, calibration error {report['ece']:.3f}; identified "
        f"{report['identified']:.1%}"
    )
    right = report["accuracy_of_identified"]
    lines = [head + (f", of these right {right:.1%}" if right is not None else "")]
    if "pictures" in report:
        lines.append(
            f"  centre cell found in {report['centre_cell_found']:.1%} of {report['pictures']} "
            f"pictures, named right in {report['right_of_all_pictures']:.1%} of all"
        )
    lines += [
        f"  {name:14} precision {one['precision']:.3f}  recall {one['recall']:.3f}  "
        f"F1 {one['f1']:.3f}  ({one['cells']} cells)"
        for name, one in report["by_type"].items()
    ]
    return "\n".join(lines)


def _field_lines(report: Mapping[str, Any]) -> str:
    lines = [
        f"{report['set']}: {report['cells']} cells; fields have labels, single cells have none"
    ]
    for label, one in report["by_label"].items():
        named = ", ".join(f"{code} {share:.1%}" for code, share in one["shares"].items())
        lines.append(f"  {label}: {named}")
        lines.append(f"    would question a blast: {one['blasts_questioned']:.1%}")
    return "\n".join(lines)
