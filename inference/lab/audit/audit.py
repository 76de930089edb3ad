"""Does the background decide? Change everything but the cells and see whether the word stays."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from inference.engine.package import ModelPackage
from inference.engine.synthetic.scale_bars import draw_scale_bar
from inference.engine.synthetic.spec import ScaleBar
from inference.engine.types import FieldInput, FieldResult, Progress, Rgb
from inference.lab.audit.shifts import SHIFTS
from inference.lab.audit.verdict import Question, Trial, summary
from inference.lab.data.cells import background_colour
from inference.lab.data.manifest import Entry, Manifest
from inference.lab.data.painting import PAINTINGS, empty_field, erase_bar, transplant
from inference.lab.data.splits import SPLITS
from inference.lab.evaluate.baseline import background_accuracy
from telepath.core.images import decode

GROUNDS = 8
"""Emptied fields of each class on which cells of the others are laid."""
BARS: tuple[ScaleBar, ...] = ("A", "B", "C")


class Audited(Protocol):
    """What an audit needs of an analyser, whatever model is inside."""

    package: ModelPackage

    def analyse_batch(self, fields: Sequence[FieldInput]) -> list[FieldResult]:
        """One result for each field, in their order."""
        ...


def audit(
    analyser: Audited,
    manifest: Manifest,
    progress: Progress | None = None,
    *,
    whole: Manifest | None = None,
) -> dict[str, Any]:
    """What a model says of fields of which all but the cells was changed. Plain values for JSON.

    The fields may have been seen in training: what is asked is whether the most probable class
    stays, not whether it is right. Only fields of which the model named a class are changed; how
    many these are is said. whole: the fields of the colour-only baseline, else the audited ones.
    """
    tell = progress or (lambda share, words: None)
    tell(0.0, "emptying fields")
    grounds = _grounds(analyser, manifest)
    bars = scale_bar_types(manifest)
    trials: list[Trial] = []
    for number, entry in enumerate(manifest.entries):
        tell(0.9 * number / len(manifest.entries), entry.path)
        bar = bars.get(entry.path, "")
        trials += _trials(analyser, manifest, entry, bar, _others(grounds, entry.label, number))
    tell(0.9, "what the background's colour knows")
    colours = colour_only(whole or manifest)
    tell(1.0, "done")
    return summary(trials, colours, edition=analyser.package.edition, fields=len(manifest.entries))


def scale_bar_types(manifest: Manifest) -> dict[str, str]:
    """Type of the printed bar by path, empty where the manifest's table does not say."""
    with (manifest.root / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return {row["path"]: row.get("scale_bar_type") or "" for row in csv.DictReader(file)}


def colour_only(manifest: Manifest) -> dict[str, dict[str, float]]:
    """Accuracy of a forest on the background's colour, by split, then for "all" and each group."""
    entries = manifest.entries
    known = {name: number for number, name in enumerate(sorted(set(manifest.labels())))}
    label = np.array([known[entry.label] for entry in entries], np.int64)
    colours = np.stack([background_colour(_picture(manifest, entry)) for entry in entries])
    group = np.array([entry.appearance_group for entry in entries])
    found = {}
    for split, divided in SPLITS.items():
        rounds = [turn for turn in divided(entries) if len(turn.train) and len(turn.test)]
        if not rounds:
            continue
        right = background_accuracy(colours, label, rounds)
        of = group[np.concatenate([turn.test for turn in rounds])]
        found[split] = {"all": round(float(right.mean()), 4)} | {
            name: round(float(right[of == name].mean()), 4) for name in sorted(set(of.tolist()))
        }
    return found


def _trials(
    analyser: Audited,
    manifest: Manifest,
    entry: Entry,
    bar: str,
    grounds: Mapping[str, Rgb],
) -> list[Trial]:
    rgb = _picture(manifest, entry)
    before = analyser.analyse_batch([FieldInput(rgb)])[0]
    right = before.label == entry.label
    first = Trial(entry, bar, "unchanged", "", right, right)
    if before.label is None:
        return [first]
    changed = list(_changed(rgb, before, bar, grounds))
    results = analyser.analyse_batch([FieldInput(picture) for _, _, picture in changed])
    return [first] + [
        Trial(
            entry,
            bar,
            question,
            name,
            after.status == "insufficient"
            if question == "painted"
            else after.label == before.label,
            after.label == entry.label,
        )
        for (question, name, _), after in zip(changed, results, strict=True)
    ]


def _changed(
    rgb: Rgb, found: FieldResult, bar: str, grounds: Mapping[str, Rgb]
) -> Iterator[tuple[Question, str, Rgb]]:
    """Every changed picture of one field, with what is asked of it."""
    for name, paint in PAINTINGS.items():
        yield "painted", name, paint(rgb, found.masks)
    for name, ground in grounds.items():
        yield "swapped", name, transplant(rgb, found.masks, ground)
    for name, change in SHIFTS.items():
        yield "shifted", name, change(rgb)
    erased = erase_bar(rgb)
    yield "bar", "erased", erased
    for kind in BARS:
        if kind != bar:
            yield "bar", f"of type {kind}", _with_bar(erased, kind)


def _with_bar(rgb: Rgb, kind: ScaleBar) -> Rgb:
    printed = rgb.copy()
    draw_scale_bar(printed, kind)
    return printed


def _grounds(analyser: Audited, manifest: Manifest) -> dict[str, list[Rgb]]:
    """A few emptied fields of each class, spread over its entries."""
    by_class: dict[str, list[Entry]] = {}
    for entry in manifest.entries:
        by_class.setdefault(entry.label, []).append(entry)
    return {
        label: _emptied(analyser, [_picture(manifest, one) for one in _spread(entries)])
        for label, entries in sorted(by_class.items())
    }


def _emptied(analyser: Audited, pictures: Sequence[Rgb]) -> list[Rgb]:
    results = analyser.analyse_batch([FieldInput(rgb) for rgb in pictures])
    found = zip(pictures, results, strict=True)
    # Where the model saw no cell it cannot say what to paint out, and cells may still be there.
    return [empty_field(rgb, one.masks) for rgb, one in found if one.masks.any()]


def _spread(entries: Sequence[Entry]) -> list[Entry]:
    count = min(GROUNDS, len(entries))
    return [entries[number * len(entries) // count] for number in range(count)]


def _others(grounds: Mapping[str, list[Rgb]], label: str, number: int) -> dict[str, Rgb]:
    """An emptied field of every class but `label`; neighbours in the list get different ones."""
    others = {name: fields for name, fields in grounds.items() if fields and name != label}
    return {name: fields[number % len(fields)] for name, fields in others.items()}


def _picture(manifest: Manifest, entry: Entry) -> Rgb:
    return decode(manifest.root / entry.path).pixels
