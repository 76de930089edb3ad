"""Scale bars as microscope software burns them into the lower right corner."""

from __future__ import annotations

import cv2
import numpy as np

from inference.engine.synthetic.spec import ScaleBar
from inference.engine.types import Mask, Rgb

_BLACK, _RED, _WHITE = (20, 20, 20), (215, 45, 55), (255, 255, 255)


def draw_scale_bar(rgb: Rgb, kind: ScaleBar) -> Mask:
    """Draw onto `rgb` in place; returns (H, W) bool, true where the picture is now hidden.

    A: wide black bar and text on white. B: a few red strokes. C: small text in a white box.
    """
    before = rgb.copy()
    unit = max(1.0, min(rgb.shape[:2]) / 224.0)
    {"A": _wide, "B": _strokes, "C": _boxed}[kind](rgb, unit)
    return np.asarray((rgb != before).any(axis=2))


def _wide(rgb: Rgb, unit: float) -> None:
    left, top, right, bottom = _corner(rgb, unit, 40, 29)
    cv2.rectangle(rgb, (left, top), (right, bottom), _WHITE, cv2.FILLED)
    y, thick = bottom - round(7 * unit), max(1, round(1.4 * unit))
    cv2.line(rgb, (left + round(3 * unit), y), (right, y), _BLACK, thick)
    _tick(rgb, left + round(3 * unit), y, round(5 * unit), _BLACK, thick)
    _text(rgb, "200 px", (left + round(6 * unit), y - round(6 * unit)), unit * 0.42, _BLACK)


def _strokes(rgb: Rgb, unit: float) -> None:
    left, _, right, bottom = _corner(rgb, unit, 38, 18)
    y = bottom - round(4 * unit)
    cv2.line(rgb, (left + round(9 * unit), y), (right - round(8 * unit), y), _RED, 1)
    _tick(rgb, left + round(4 * unit), y - round(2 * unit), round(3 * unit), _RED, 1)
    _text(rgb, "100 px", (left + round(9 * unit), y - round(2 * unit)), unit * 0.2, _RED)


def _boxed(rgb: Rgb, unit: float) -> None:
    left, top, right, bottom = _corner(rgb, unit, 30, 18)
    right, bottom = right - round(6 * unit), bottom - round(7 * unit)
    cv2.rectangle(rgb, (left, top), (right, bottom), _WHITE, cv2.FILLED)
    y = bottom - round(3 * unit)
    _tick(rgb, left + round(2 * unit), y, round(3 * unit), _BLACK, 1)
    _text(rgb, "100 px", (left + round(5 * unit), y), unit * 0.22, _BLACK)


def _corner(rgb: Rgb, unit: float, width: int, height: int) -> tuple[int, int, int, int]:
    bottom, right = rgb.shape[0] - 1, rgb.shape[1] - 1
    return right - round(width * unit), bottom - round(height * unit), right, bottom


def _tick(rgb: Rgb, x: int, y: int, half: int, colour: tuple[int, int, int], thick: int) -> None:
    cv2.line(rgb, (x, y - half), (x, y + half), colour, thick)


def _text(
    rgb: Rgb, text: str, place: tuple[int, int], scale: float, colour: tuple[int, int, int]
) -> None:
    thick = max(1, round(scale * 2))
    cv2.putText(rgb, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thick, cv2.LINE_AA)
