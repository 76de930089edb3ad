"""How far a drawing that no person made may be believed."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk
from inference.engine.segmentation.scale import glance, opened
from inference.engine.types import Box, Labels, Mask, Rgb, Segmentation

MIDDLE = 0.82
"""Part of a box's width and height that is surely cell; an ellipse, for boxes have a margin."""
LEAST_BOX = 0.1
"""Of the usual box's area; a smaller one was drawn around a platelet by mistake."""


def filling(cells: Labels, boxes: list[Box]) -> Labels:
    """The largest found cell of each box, if it fills the box as a cell does."""
    kept = np.zeros_like(cells)
    for number, (x, y, w, h) in enumerate(boxes, start=1):
        part = cells[y : y + h, x : x + w]
        areas = np.bincount(part.ravel(), minlength=2)
        areas[0] = 0
        best = int(areas.argmax())
        whole = int((cells == best).sum()) if areas[best] else 0
        if areas[best] >= 0.45 * w * h and areas[best] >= 0.9 * whole:
            kept[cells == best] = number
    return kept


def with_middles(cells: Labels, boxes: list[Box]) -> Labels:
    """`cells` and, in each box that holds none, the middle of the box, numbered as the boxes."""
    usual = float(np.median([w * h for _, _, w, h in boxes])) if boxes else 0.0
    kept = cells.copy()
    for number, (x, y, w, h) in enumerate(boxes, start=1):
        if not (cells == number).any() and w * h >= LEAST_BOX * usual:
            middle = (round(x + w / 2), round(y + h / 2))
            half = (round(MIDDLE * w / 2), round(MIDDLE * h / 2))
            oval = cv2.ellipse(np.zeros(cells.shape, np.uint8), middle, half, 0, 0, 360, 1, -1)
            kept[(oval > 0) & (cells == 0)] = number
    return kept


def inside(boxes: list[Box], shape: tuple[int, ...]) -> Mask:
    marked = np.zeros(shape, bool)
    for x, y, w, h in boxes:
        marked[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4] = True
    return marked


def plausible(cells: Labels) -> Labels:
    """Cells of usual size and full outline, numbered as before; the others are 0."""
    kept = cells.copy()
    areas = np.bincount(cells.ravel())
    usual = float(np.median(areas[1:])) if len(areas) > 1 else 0.0
    for number, place in enumerate(ndimage.find_objects(cells), start=1):
        mask = (cells[place] == number).astype(np.uint8)
        edges, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        hull = cv2.convexHull(np.concatenate(edges))
        full = areas[number] >= 0.88 * (cv2.contourArea(hull) + len(hull) / 2)
        if not full or not 0.35 * usual <= areas[number] <= 2.2 * usual:
            kept[place][mask > 0] = 0
    return kept


def in_the_middle(mask: Mask) -> Mask:
    """The connected part of `mask` that lies nearest to the middle of the picture."""
    _, pieces = cv2.connectedComponents(mask.astype(np.uint8))
    place = np.argwhere(mask)
    if not len(place):
        return mask
    middle = (np.array(mask.shape) - 1) / 2
    row, column = place[((place - middle) ** 2).sum(axis=1).argmin()]
    return np.asarray(pieces == pieces[row, column])


def doubtful(rgb: Rgb, found: Segmentation) -> Mask:
    """Ground as dark as a nucleus and no small platelet, where no cell was found."""
    radius = glance(rgb, find_scale_bar(rgb)).radius_px
    dark = stained_deeply(rgb) & (found.cells == 0)
    large = opened(dark, 0.45 * max(2.0, radius))
    return cv2.dilate(large.astype(np.uint8), disk(4)) > 0


def stained_deeply(rgb: Rgb) -> Mask:
    """Ground as dark as a nucleus."""
    first = glance(rgb, find_scale_bar(rgb))
    signal = cv2.resize(first.signal, (rgb.shape[1], rgb.shape[0]))
    return np.asarray(signal > first.threshold)
