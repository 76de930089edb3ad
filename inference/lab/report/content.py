"""What stands in a report: each kind of figures as a section, in words a pathologist reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from inference.lab.audit.verdict import KEYS, WORDS
from inference.lab.report.html import (
    Block,
    Picture,
    Section,
    command,
    gallery,
    number,
    paragraph,
    share,
    table,
)
from inference.lab.report.words import (
    AUDIT_COLUMNS,
    CLASS_FIGURES,
    COLUMNS,
    LEGEND,
    METRICS,
    SPLITS,
)

Row = Mapping[str, Any]
Pictures = Sequence[Picture]


def overview(reports: Sequence[Row]) -> list[Section]:
    """All splits side by side; nothing where none was evaluated."""
    splits = [report for report in reports if report["split"] in SPLITS]
    if not splits:
        return []
    rows = ((SPLITS[report["split"]].title, report["all"]) for report in splits)
    table_of_splits = _group_table("Shares of fields", rows)
    return [Section("At a glance", [table_of_splits, paragraph(LEGEND, "quiet")])]


def split_section(report: Row, pictures: Pictures) -> Section:
    """One way of keeping fields back: figures with intervals, pictures, group by group."""
    words = SPLITS[report["split"]]
    return Section(
        words.title,
        [
            paragraph(words.meaning),
            command(report["command"]),
            gallery(pictures),
            *_metrics(report.get("metrics")),
            _group_table("By appearance group", report["groups"].items()),
            _group_table("By round", report["rounds"].items()),
        ],
    )


def audit_section(report: Row) -> Section:
    """The shortcut audit: shares, verdict, and the same by group and by scale bar."""
    shares = [
        (_sentence(WORDS[question].format(name)), share(value))
        for question, key in KEYS.items()
        for name, value in report[key].items()
    ]
    colours = [
        (SPLITS[name].title, share(value)) for name, value in report["colour_only_accuracy"].items()
    ]
    return Section(
        "Shortcut audit",
        [
            command(report["command"]),
            paragraph(
                f"{report['fields']} fields, {report['fields_changed']} of them named and changed."
            ),
            *_verdict(report),
            table("Everything but the cells changed", ("change", "share"), shares),
            table("Accuracy of the background's colour alone", ("split", "accuracy"), colours),
            *_audit_rows("By appearance group", "group", report["by_appearance_group"]),
            *_audit_rows("By type of scale bar", "type", report["by_scale_bar_type"]),
        ],
    )


def _verdict(report: Row) -> Iterator[Block]:
    if report["passed"]:
        yield paragraph("Passed.", "good")
        return
    yield paragraph("Not passed.", "bad")
    yield from (paragraph(words) for words in report["failed"])


def plain_section(report: Row) -> Section:
    """Figures of another kind: every number and short text by its name."""
    title = _sentence(str(report["split"]).replace("_", " "))
    facts = [
        (key.replace("_", " "), number(value) if isinstance(value, float) else str(value))
        for key, value in report.items()
        if isinstance(value, str | int | float) and key not in {"split", "command"}
    ]
    lines = [command(report["command"])] if isinstance(report.get("command"), str) else []
    return Section(title, [*lines, table("Figures", ("figure", "value"), facts)])


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _metrics(metrics: Row | None) -> Iterator[Block]:
    if metrics is None:
        return
    drawn, overall = metrics["interval"], metrics["overall"]
    rows = [
        (title, *_with_interval(overall[key], show))
        for key, (title, show) in METRICS.items()
        if key in overall
    ]
    heads = ("figure", "value", f"{100 * drawn['level']:.0f} % interval")
    yield table("Figures over all fields", heads, rows)
    yield paragraph(
        f"Intervals: {drawn['draws']} draws of whole appearance groups "
        f"({metrics['groups']} there are), not of fields.",
        "quiet",
    )
    yield table("By class", ("class", *CLASS_FIGURES.values()), _class_rows(metrics["per_class"]))


def _class_rows(per_class: Row) -> Iterator[tuple[str, ...]]:
    for name, figures in per_class.items():
        yield (name, *(_in_brackets(figures[key]) for key in CLASS_FIGURES))


def _in_brackets(figure: Row) -> str:
    value, between = _with_interval(figure, number)
    return f"{value} ({between})" if between else value


def _with_interval(figure: Row, show: Callable[[float | None], str]) -> tuple[str, str]:
    low, high = figure["low"], figure["high"]
    between = "" if low is None or high is None else f"{show(low)} to {show(high)}"
    return show(figure["value"]), between


def _group_table(caption: str, rows: Any) -> Block:
    listed = list(rows)
    known = {
        key: title for key, title in COLUMNS.items() if any(key in values for _, values in listed)
    }
    return table(
        caption,
        ("", "fields", *known.values()),
        (
            (name, str(row["fields"]), *(share(row.get(key)) for key in known))
            for name, row in listed
        ),
    )


def _audit_rows(caption: str, title: str, rows: Sequence[Row]) -> Iterator[Block]:
    if rows:
        known = {key: words for key, words in AUDIT_COLUMNS.items() if key in rows[0]}
        yield table(
            caption,
            (title, "fields", *known.values()),
            (
                (
                    row[title],
                    str(row["fields"]),
                    *(share(row[key]) for key in known),
                )
                for row in rows
            ),
        )
