"""Does the background decide? Change everything but the cells and see whether the word stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from inference.engine.analyser import FieldAnalyser
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk
from inference.engine.training.manifest import Manifest
from inference.engine.types import FieldResult, Labels, Mask, Progress, Rgb
from telepath.core.images import decode

Change = Callable[[Rgb], Rgb]

SHIFTS: Mapping[str, Change] = {
    "darker by 30 %": lambda rgb: _gain(rgb, (0.7, 0.7, 0.7)),
    "yellow lamp": lambda rgb: _gain(rgb, (1.0, 0.95, 0.8)),
    "blue lamp": lambda rgb: _gain(rgb, (0.85, 0.95, 1.0)),
    "hue turned by 6 degrees": lambda rgb: _turned(rgb, 6),
    "blurred by 1 pixel": lambda rgb: np.asarray(cv2.GaussianBlur(rgb, (0, 0), 1.0), np.uint8),
}


def audit(
    analyser: FieldAnalyser, manifest: Manifest, progress: Progress | None = None
) -> dict[str, Any]:
    """Shares of fields that behave as an honest model's should. Plain values for JSON.

    The fields may have been seen in training: what is asked is whether the most probable class
    stays, not whether it is right.
    """
    tell = progress or (lambda share, words: None)
    empty_of_class = _empty_fields(analyser, manifest)
    painted: list[bool] = []
    swapped: list[bool] = []
    shifted: dict[str, list[bool]] = {name: [] for name in SHIFTS}
    for number, entry in enumerate(manifest.entries):
        tell(number / len(manifest.entries), entry.label)
        rgb = decode(manifest.root / entry.path).pixels
        found = analyser.analyse(rgb)
        painted.append(analyser.analyse(paint_out(rgb, found.masks)).status == "insufficient")
        if found.label is None:
            continue
        other = _other(empty_of_class, entry.label, number)
        swapped.append(_same(analyser.analyse(transplant(rgb, found.masks, other)), found))
        for name, change in SHIFTS.items():
            shifted[name].append(_same(analyser.analyse(change(rgb)), found))
    tell(1.0, "done")
    return {
        "split": "audit",
        "command": f"python manage.py evaluate --audit {analyser.package.name} "
        f"--limit {len(manifest.entries)}",
        "fields": len(manifest.entries),
        "painted_out_is_insufficient": _share(painted),
        "label_kept_on_background_of_another_class": _share(swapped),
        "label_kept_under": {name: _share(kept) for name, kept in shifted.items()},
    }


def paint_out(rgb: Rgb, cells: Labels) -> Rgb:
    """The picture with its cells covered by the colours around them."""
    covered = cv2.dilate((cells > 0).astype(np.uint8), disk(3))
    return np.asarray(cv2.inpaint(rgb, covered, 3, cv2.INPAINT_TELEA), np.uint8)


def transplant(rgb: Rgb, cells: Labels, background: Rgb) -> Rgb:
    """The cells of `rgb`, brought to the lamp of `background`, laid on it."""
    background = _like(background, rgb)
    lamp = np.percentile(background, 95, axis=(0, 1)) / np.percentile(rgb, 95, axis=(0, 1)).clip(1)
    share = cv2.GaussianBlur((cells > 0).astype(np.float32), (0, 0), 0.7)[..., None]
    mixed = share * rgb * lamp + (1 - share) * background
    return np.clip(mixed, 0, 255).astype(np.uint8)


def as_lines(report: Mapping[str, Any]) -> str:
    """The audit for people."""
    rows = {
        "cells painted out: insufficient": report["painted_out_is_insufficient"],
        "background of another class: label kept": report[
            "label_kept_on_background_of_another_class"
        ],
        **{f"{name}: label kept": share for name, share in report["label_kept_under"].items()},
    }
    lines = (f"{name:<42}{100 * share:>7.1f} %" for name, share in rows.items())
    return "\n".join([f"{report['fields']} fields", *lines])


def _empty_fields(analyser: FieldAnalyser, manifest: Manifest) -> dict[str, list[Rgb]]:
    """A few fields of each class with their cells painted out."""
    empty: dict[str, list[Rgb]] = {}
    for entry in manifest.entries[::3]:
        rgb = decode(manifest.root / entry.path).pixels
        cells = analyser.analyse(rgb).masks
        empty.setdefault(entry.label, []).append(paint_out(_without_bar(rgb), cells))
    return empty


def _without_bar(rgb: Rgb) -> Rgb:
    bar: Mask = find_scale_bar(rgb)
    return np.asarray(cv2.inpaint(rgb, bar.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _other(empty: Mapping[str, list[Rgb]], label: str, number: int) -> Rgb:
    fields = [field for name in sorted(empty) if name != label for field in empty[name]]
    return fields[(number * 7) % len(fields)]


def _same(result: FieldResult, before: FieldResult) -> bool:
    return result.label == before.label


def _like(background: Rgb, rgb: Rgb) -> Rgb:
    return np.asarray(cv2.resize(background, (rgb.shape[1], rgb.shape[0])), np.uint8)


def _gain(rgb: Rgb, factors: tuple[float, float, float]) -> Rgb:
    return np.clip(rgb * np.array(factors), 0, 255).astype(np.uint8)


def _turned(rgb: Rgb, degrees: int) -> Rgb:
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + degrees // 2) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def _share(kept: list[bool]) -> float:
    return round(sum(kept) / max(1, len(kept)), 4)
