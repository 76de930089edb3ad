"""The pictures of a report: narrow enough for a telephone, light or dark, without global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from inference.lab.report.palette import Palette

WIDTH = 4.7
"""Inches. Shown 358 px wide on a telephone, type of 9 points is still 9 px high."""
DOTS_PER_INCH = 160
STROKES = (("accent", "-"), ("warn", "--"), ("bad", "-."), ("text-quiet", ":"), ("good", "-"))
"""Colour and dash of the lines of a picture, told apart without colour too."""
BASELINES = (
    ("background_only_accuracy", "background colour alone", "D", "warn"),
    ("whole_field_accuracy", "network on the whole field", "^", "bad"),
)


def confusion(table: Mapping[str, Any], colours: Palette) -> bytes:
    """Counts, rows truth, shaded by their share of the row."""
    rows, names = np.array(table["rows"], float), table["classes"]
    shares = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    with _style(colours):
        figure, axes = _axes(0.45 * len(names) + 1.6)
        shades = LinearSegmentedColormap.from_list("", [colours["surface"], colours["accent"]])
        axes.imshow(shares, cmap=shades, vmin=0, vmax=1, aspect="auto")
        for row, column in np.ndindex(*rows.shape):
            ink = "surface" if shares[row, column] > 0.62 else "text"
            words = f"{rows[row, column]:.0f}  ({100 * shares[row, column]:.0f} %)"
            axes.text(column, row, words, ha="center", va="center", color=colours[ink])
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="most probable class", ylabel="truth")
        axes.spines[:].set_visible(False)
        return _png(figure)


def roc(curves: Mapping[str, Mapping[str, Sequence[float]]], colours: Palette) -> bytes:
    """Each class against the rest."""
    with _style(colours):
        figure, axes = _axes(3.7)
        axes.plot([0, 1], [0, 1], color=colours["line"])
        for number, (name, curve) in enumerate(curves.items()):
            colour, dash = STROKES[number % len(STROKES)]
            false, true = curve["false_positive_rate"], curve["sensitivity"]
            axes.plot(false, true, dash, color=colours[colour], label=name)
        axes.set(xlabel="1 − specificity", ylabel="sensitivity", xlim=(0, 1), ylim=(0, 1.01))
        axes.legend(loc="lower right")
        return _png(figure)


def reliability(bins: Mapping[str, Sequence[float]], colours: Palette) -> bytes:
    """Accuracy over confidence, and below it how many fields are that sure."""
    with _style(colours):
        figure = Figure(figsize=(WIDTH, 3.7), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        above.plot([0, 1], [0, 1], color=colours["line"])
        above.plot(bins["confidence"], bins["accuracy"], "o-", ms=4, color=colours["accent"])
        above.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02))
        below.bar(bins["confidence"], bins["share"], width=0.03, color=colours["text-quiet"])
        below.set(xlabel="probability of the most probable class", ylabel="share")
        return _png(figure)


def learning(rounds: Mapping[str, Mapping[str, Sequence[float]]], colours: Palette) -> bytes:
    """One panel a quantity, one line a round."""
    quantities = list(dict.fromkeys(name for series in rounds.values() for name in series))
    with _style(colours):
        figure = Figure(figsize=(WIDTH, 1.8 * len(quantities) + 0.4), layout="constrained")
        panels = np.atleast_1d(figure.subplots(len(quantities), 1, sharex=True))
        for quantity, axes in zip(quantities, panels, strict=True):
            for number, (name, series) in enumerate(rounds.items()):
                colour, dash = STROKES[number % len(STROKES)]
                epochs = range(1, len(series.get(quantity, [])) + 1)
                values = series.get(quantity, [])
                axes.plot(epochs, values, dash, marker=".", color=colours[colour], label=name)
            axes.set_ylabel(quantity.replace("_", " "))
        panels[-1].set_xlabel("epoch")
        if len(rounds) <= len(STROKES):
            panels[0].legend()
        return _png(figure)


def group_accuracy(groups: Mapping[str, Mapping[str, Any]], colours: Palette) -> bytes:
    """Plain accuracy group by group, the baselines as marks on the same scale."""
    with _style(colours):
        figure, axes = _axes(0.27 * len(groups) + 1.5)
        _bars(axes, groups, "accuracy", "this model", _pale(colours))
        for key, words, mark, colour in BASELINES:
            known = [(row[key], place) for place, row in enumerate(groups.values()) if key in row]
            if known:
                values, places = zip(*known, strict=True)
                axes.plot(values, places, mark, color=colours[colour], ms=5.5, label=words)
        _group_axes(axes, groups, "accuracy, nobody abstains", colours)
        return _png(figure)


def group_decisions(groups: Mapping[str, Mapping[str, Any]], colours: Palette) -> bytes:
    """Share decided group by group, and the part of it that is wrong."""
    with _style(colours):
        figure, axes = _axes(0.27 * len(groups) + 1.5)
        _bars(axes, groups, "decided", "decided", colours["accent"])
        _bars(axes, groups, "decided_wrong", "decided and wrong", colours["bad"])
        _group_axes(axes, groups, "share of all fields", colours)
        return _png(figure)


def _bars(
    axes: Axes, groups: Mapping[str, Mapping[str, Any]], key: str, words: str, colour: str
) -> None:
    axes.barh(range(len(groups)), [row[key] for row in groups.values()], 0.62, color=colour)
    axes.barh([0], [0], color=colour, label=words)


def _group_axes(
    axes: Axes, groups: Mapping[str, Mapping[str, Any]], words: str, colours: Palette
) -> None:
    names = [f"{name}, {row['fields']}" for name, row in groups.items()]
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0, 1.02), xlabel=words)
    axes.invert_yaxis()
    axes.grid(axis="x", color=colours["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    bars_first = sorted(
        zip(handles, labels, strict=True), key=lambda one: not isinstance(one[0], BarContainer)
    )
    axes.figure.legend(*zip(*bars_first, strict=True), loc="outside upper left")


def _pale(colours: Palette) -> str:
    """Halfway between accent and paper, so that marks on a bar can be told from it."""
    accent, paper = to_rgb(colours["accent"]), to_rgb(colours["surface"])
    red, green, blue = ((one + other) / 2 for one, other in zip(accent, paper, strict=True))
    return to_hex((red, green, blue))


def _axes(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _style(colours: Palette) -> AbstractContextManager[None]:
    text, quiet = colours["text"], colours["text-quiet"]
    return rc_context(
        {
            "font.family": "sans-serif",
            "font.size": 9,
            "text.color": text,
            "axes.labelcolor": quiet,
            "axes.edgecolor": colours["line"],
            "axes.facecolor": colours["surface"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.facecolor": colours["surface"],
            "xtick.color": quiet,
            "ytick.color": quiet,
            "xtick.labelcolor": text,
            "ytick.labelcolor": text,
            "legend.frameon": False,
            "lines.linewidth": 1.5,
        }
    )


def _png(figure: Figure) -> bytes:
    stream = BytesIO()
    FigureCanvasAgg(figure)
    # Without the program's name and date, the same figures give the same bytes.
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return stream.getvalue()
