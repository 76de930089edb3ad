"""The printed scale bar: found, so that no later step ever sees it.

A scale bar is drawn by software, so it differs from anything optical: neutral black or pure red
ink in thin strokes that stand in a row, often on a pure white box, near the border of the picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.engine.types import Box, Mask, Rgb

BAND = 0.2
"""Share of the height at top and bottom in which bars are printed."""
SMALLEST_SIDE = 160
"""Pixels. Crops of a single cell carry no bar, and a cell fills their border band."""
BRIGHT = 248
CLEAR_INK = 58
SURE_INK = 90
"""Of a line wider than `USUAL_WIDTH` of the picture: the rims of red cells in a row look like
faint print, and whoever takes them for it hides the white cells between them."""
USUAL_WIDTH = 0.1
RED_INK = 22
"""Red above the other channels. Low, because JPEG washes thin red strokes out over a cell."""


def find_scale_bar(rgb: Rgb) -> Mask:
    """Where software has printed into the picture: (H, W) bool, box and margin included."""
    height, width = rgb.shape[:2]
    found = np.zeros((height, width), bool)
    if min(height, width) < SMALLEST_SIDE:
        return found
    band = max(1, round(height * BAND))
    for top in {0, height - band}:
        strip = rgb[top : top + band]
        inner_edge = 0 if top else band - 1
        for x, y, w, h in _rows_of_ink(strip, inner_edge):
            x, y, w, h = _with_white_box(strip, _padded((x, y, w, h), strip))
            found[top + y : top + y + h, x : x + w] = True
    return found


def _ink(strip: Rgb) -> NDArray[np.uint8]:
    """How much a pixel is printed, 0 to 255: thin black ink (dark, no colour) or thin red ink.

    The top-hat keeps only what is thinner than `size`, so a reddish cell is not ink.
    """
    # OpenCV's maximum of two channels is many times as fast as NumPy's along a short axis.
    first, second, third = cv2.split(strip)
    others = cv2.max(second, third)
    high, low = cv2.max(first, others), cv2.min(first, cv2.min(second, third))
    black = ((high < 110) & (high - low < 30)).astype(np.uint8)
    red = cv2.subtract(first, others)
    size = max(11, round(strip.shape[0] * 0.25)) | 1
    kernel = np.ones((size, size), np.uint8)
    thin_red = cv2.morphologyEx(red, cv2.MORPH_TOPHAT, kernel)
    thin_black = cv2.morphologyEx(black, cv2.MORPH_TOPHAT, kernel)
    ink: NDArray[np.uint8] = np.maximum(
        (thin_red > RED_INK) * np.maximum(thin_red, 1), thin_black * np.uint8(255)
    )
    return ink


def _rows_of_ink(strip: Rgb, inner_edge: int) -> list[Box]:
    """Boxes of ink that look like a line of print: wide, low, made of several thin strokes.

    inner_edge: the row of `strip` that faces the picture's middle; what crosses it is a cell.
    """
    ink = _ink(strip)
    reach = max(5, round(strip.shape[1] * 0.03)) | 1
    joined = cv2.dilate((ink > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, groups = cv2.connectedComponents(joined, connectivity=8)
    groups[ink == 0] = 0
    boxes = [_box_of(found) for found in ndimage.find_objects(groups, count - 1) if found]
    boxes = [box for box in boxes if not box[1] <= inner_edge < box[1] + box[3]]
    return [box for box in boxes if _is_print(box, ink)]


def _box_of(place: tuple[slice, ...]) -> Box:
    rows, columns = place
    width, height = columns.stop - columns.start, rows.stop - rows.start
    return int(columns.start), int(rows.start), int(width), int(height)


def _is_print(box: Box, ink: NDArray[np.uint8]) -> bool:
    x, y, w, h = box
    if w < max(8, 0.03 * ink.shape[1]) or w < 1.6 * h or h < 3:
        return False
    piece = np.ascontiguousarray(ink[y : y + h, x : x + w])
    filled = (piece > 0).astype(np.uint8)
    strokes = cv2.connectedComponents(filled, connectivity=8)[0] - 1
    least = CLEAR_INK if w <= USUAL_WIDTH * ink.shape[1] else SURE_INK
    return 0.05 < filled.mean() < 0.9 and strokes >= 2 and piece.max() >= least


def _padded(box: Box, strip: Rgb) -> Box:
    x, y, w, h = box
    pad = max(3, h // 2)
    left, top = max(0, x - pad), max(0, y - pad)
    right, bottom = min(strip.shape[1], x + w + pad), min(strip.shape[0], y + h + pad)
    return left, top, right - left, bottom - top


def _with_white_box(strip: Rgb, box: Box) -> Box:
    """`box` grown to the pure white paper under the print, where there is any."""
    white = (strip.min(axis=-1) >= BRIGHT).astype(np.uint8)
    x, y, w, h = box
    if white[y : y + h, x : x + w].mean() < 0.3:
        return box
    rows = np.flatnonzero(white[:, x : x + w].mean(axis=1) > 0.45)
    columns = np.flatnonzero(white[y : y + h].mean(axis=0) > 0.45)
    return _union(box, _run_through(columns, x, w), _run_through(rows, y, h), strip)


def _run_through(marked: np.ndarray, start: int, length: int) -> tuple[int, int]:
    """First and last marked index of the runs that overlap start..start+length."""
    runs = np.split(marked, np.flatnonzero(np.diff(marked) > 1) + 1)
    touching = [run for run in runs if len(run) and run[-1] >= start and run[0] < start + length]
    if not touching:
        return start, start + length - 1
    return int(touching[0][0]), int(touching[-1][-1])


def _union(box: Box, columns: tuple[int, int], rows: tuple[int, int], strip: Rgb) -> Box:
    x, y, w, h = box
    # A bright empty background is as white as paper; a box is never much larger than its print.
    left, right = max(columns[0], x - w), min(columns[1] + 1, x + 2 * w)
    top, bottom = max(rows[0], y - 2 * h), min(rows[1] + 1, y + 3 * h)
    left, top = max(0, min(x, left) - 1), max(0, min(y, top) - 1)
    right = min(strip.shape[1], max(x + w, right) + 1)
    bottom = min(strip.shape[0], max(y + h, bottom) + 1)
    return left, top, right - left, bottom - top
