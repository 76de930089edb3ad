"""Fields without their cells, and cells on other ground: pictures that only an audit needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.colour import estimate_white, nucleus_signal, optical_density
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.objects import disk
from inference.engine.types import Floats, Labels, Mask, Rgb

LIKE_A_NUCLEUS = 0.6
"""Share of the nuclei's usual stain from which ground outside the given cells is a nucleus too."""
LIKE_A_REMAINDER = 0.35
"""The same for what is left of crushed nuclei, which is paler."""
SMALLEST_LEFT = 0.12
"""Share of the typical cell's area below which such ground is a platelet or dirt, and stays."""


def white_cells(rgb: Rgb, cells: Labels, *, like_a_nucleus: float = LIKE_A_NUCLEUS) -> Mask:
    """Everything that must go before a field shows no white cell: (H, W) bool.

    cells: what the audited model found. Nuclei that it left out (cut by the border or by the
    scale bar) are added by their stain alone, or the audit would paint with their colour.
    Platelets, dirt and red cells stay: a model must refuse those by itself.
    """
    if not cells.any():
        return np.zeros(cells.shape, bool)
    areas = np.bincount(cells.ravel())[1:]
    typical = float(np.median(areas[areas > 0]))
    reach = disk(max(2.0, 0.1 * np.sqrt(4 * typical / np.pi)))
    known = cv2.dilate((cells > 0).astype(np.uint8), reach) > 0
    signal = _signal(rgb)
    usual = float(np.percentile(signal[cells > 0], 75))
    alike = (signal > like_a_nucleus * usual) & ~known & ~find_scale_bar(rgb)
    left = _large_or_cut(alike, known, SMALLEST_LEFT * typical)
    return known | (cv2.dilate(left.astype(np.uint8), reach) > 0)


def _large_or_cut(alike: Mask, known: Mask, least: float) -> Mask:
    """The pieces of `alike` of at least `least` pixels, or at a border or beside `known`."""
    opened = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, disk(1))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    # At a border only a slice of the nucleus shows, so the least size would spare it.
    beside = cv2.dilate((known | _frame(known)).astype(np.uint8), disk(1)) > 0
    keep = stats[:, cv2.CC_STAT_AREA] >= least
    keep[np.unique(pieces[beside])] = True
    keep[0] = False
    return np.asarray(keep[pieces])


def _signal(rgb: Rgb) -> Floats:
    density = optical_density(rgb, estimate_white(rgb))
    soft = np.asarray(cv2.GaussianBlur(density, (0, 0), 1.0), np.float32)
    return nucleus_signal(soft.reshape(density.shape))


def _frame(like: Mask) -> Mask:
    frame = np.ones(like.shape, bool)
    frame[1:-1, 1:-1] = False
    return frame


def paint_out(rgb: Rgb, cells: Labels) -> Rgb:
    """The picture with its cells covered by the colours around them."""
    return _painted(rgb, white_cells(rgb, cells), _inpainted)


def paint_flat(rgb: Rgb, cells: Labels) -> Rgb:
    """The picture with its cells covered by the colour of the empty background."""
    return _painted(rgb, white_cells(rgb, cells), _flat)


def paint_red_cells(rgb: Rgb, cells: Labels) -> Rgb:
    """The picture with its cells covered by red cells from elsewhere in it, where there are any."""
    return _painted(rgb, white_cells(rgb, cells), _moved_red_cells)


PAINTINGS: Mapping[str, Callable[[Rgb, Labels], Rgb]] = {
    "colours around them": paint_out,
    "flat background": paint_flat,
    "red cells of the field": paint_red_cells,
}


def erase_bar(rgb: Rgb) -> Rgb:
    """The picture with its printed scale bar covered by the colours around it."""
    return _inpainted(rgb, find_scale_bar(rgb))


def empty_field(rgb: Rgb, cells: Labels) -> Rgb:
    """The picture without white cells and without scale bar: ground for other cells.

    Remains of crushed nuclei go too: beside the cells laid here they would be cells of their own.
    """
    gone = white_cells(rgb, cells, like_a_nucleus=LIKE_A_REMAINDER)
    return _inpainted(rgb, gone | find_scale_bar(rgb))


def transplant(rgb: Rgb, cells: Labels, background: Rgb) -> Rgb:
    """The cells of `rgb`, brought to the lamp of `background`, laid on it."""
    background = np.asarray(cv2.resize(background, (rgb.shape[1], rgb.shape[0])), np.uint8)
    lamp = np.percentile(background, 95, axis=(0, 1)) / np.percentile(rgb, 95, axis=(0, 1)).clip(1)
    return _blended(rgb * lamp, background, cells > 0)


def _painted(rgb: Rgb, gone: Mask, paint: Callable[[Rgb, Mask], Rgb]) -> Rgb:
    """`gone` painted over, the scale bar kept out of the paint and put back where no cell was."""
    bar = find_scale_bar(rgb)
    painted = paint(rgb, gone | bar)
    untouched = _components_apart(bar, gone)
    painted[untouched] = rgb[untouched]
    return painted


def _components_apart(mask: Mask, other: Mask) -> Mask:
    """The connected parts of `mask` that touch nothing of `other`."""
    _, pieces = cv2.connectedComponents(mask.astype(np.uint8))
    touched = np.unique(pieces[other])
    return np.asarray(mask & ~np.isin(pieces, touched))


def _inpainted(rgb: Rgb, gone: Mask) -> Rgb:
    return np.asarray(cv2.inpaint(rgb, gone.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _flat(rgb: Rgb, gone: Mask) -> Rgb:
    return _blended(np.full(rgb.shape, estimate_white(rgb)), rgb, gone)


def _moved_red_cells(rgb: Rgb, gone: Mask) -> Rgb:
    painted = _inpainted(rgb, gone)
    _, _, stats, _ = cv2.connectedComponentsWithStats(gone.astype(np.uint8))
    red = _red_cells(rgb)
    for x, y, width, height, _ in stats[1:]:
        place = _richest_place(red, gone, (height, width))
        if place is None:
            continue
        target = painted[y : y + height, x : x + width]
        target[:] = _blended(rgb[place], target, gone[y : y + height, x : x + width])
        # The next cell is covered from another place, or one spot would be seen many times.
        red[place] *= 0.5
    return painted


def _red_cells(rgb: Rgb) -> Floats:
    """How much of a red cell, and how little of a platelet or smudge cell, a pixel shows."""
    density = optical_density(rgb, estimate_white(rgb)).mean(axis=-1)
    return np.asarray(np.minimum(density, 0.3) - 5 * np.maximum(_signal(rgb) - 0.05, 0), np.float32)


def _richest_place(red: Floats, gone: Mask, size: tuple[int, int]) -> tuple[slice, slice] | None:
    """The window of `size` (height, width) with most of `red`, clear of `gone`."""
    height, width = size
    amount = _window_sums(red, height, width)
    amount[_window_sums(gone, height, width) > 0] = -np.inf
    top, left = np.unravel_index(int(amount.argmax()), amount.shape)
    clear = np.isfinite(amount[top, left])
    return (slice(top, top + height), slice(left, left + width)) if clear else None


def _window_sums(values: NDArray[np.generic], height: int, width: int) -> NDArray[np.float64]:
    """Sum of each window of height x width, by its top left corner."""
    total = cv2.integral(np.asarray(values, np.float64))
    below, above = total[height:], total[:-height]
    return np.asarray(below[:, width:] - above[:, width:] - below[:, :-width] + above[:, :-width])


def _blended(above: NDArray[np.generic], below: NDArray[np.generic], where: Mask) -> Rgb:
    """`above` on `below` inside `where`, its edge as soft as that of a picture."""
    share = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 0.7).reshape(where.shape)[..., None]
    mixed = share * np.asarray(above, np.float32) + (1 - share) * np.asarray(below, np.float32)
    painted: Rgb = np.clip(mixed, 0, 255).astype(np.uint8)
    return painted
