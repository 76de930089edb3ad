"""A learned method: a small U-Net draws cells, nuclei and what separates touching cells.

It sees the picture at a scale where a nucleus is about `WORKING_RADIUS` pixels in radius.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from inference.engine.colour import optical_density
from inference.engine.package import Part, find_part, load_weights
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation.adaptive import SMALLEST_OF_RED, Look, look
from inference.engine.segmentation.drawing import draw
from inference.engine.segmentation.objects import number
from inference.engine.segmentation.scale import glance, mask_like, nothing, resized
from inference.engine.segmentation.tiles import SIDES, Network, run_in_tiles
from inference.engine.types import Floats, Labels, Mask, Rgb, Segmentation

if TYPE_CHECKING:
    import keras

KIND = "segmentation"
WORKING_RADIUS = 12.0
LARGE_CELL = 1500.0
"""Pixels at that scale, where a usual nucleus has 450, from which the typical cell of a picture is
no platelet for certain."""
CELL_OF_RED = 0.5
"""Least area of a picture's typical white cell, in least areas of its red cells. On 668 pictures
for training of one set it was 1.0 or more, on 116 of another 1.1 or more; where all white cells had
been painted over and platelets were taken for cells, it was less on 17 of 21."""

PALE_CELL_OF_RED = 2.0
"""Least area of a white cell without a nucleus that stands out, in typical areas of a red cell."""


class UnetSegmenter:
    """Picture -> white cells with nuclei. The network is loaded once a process, at first use."""

    def __init__(self, network: Network | None = None) -> None:
        """network: in place of the newest package of the kind "segmentation"."""
        self._given = network

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8 of any size. Raises `PackageInvalid` without a whole package."""
        bar = find_scale_bar(rgb)
        first = glance(rgb, bar)
        if first.radius_px <= 0:
            return nothing(rgb)
        factor = min(1.0, WORKING_RADIUS / first.radius_px)
        small = resized(rgb, factor)
        density = density_for(small, mask_like(bar, small), first.white)
        # A look takes as long as the rest, and few pictures need one.
        seen = cache(lambda: look(first))
        logits = run_in_tiles(density, self._given or loaded_network())
        found = draw(logits, rgb, lambda: seen().red_radius_px * factor)
        if first.stands_out or not found.count:
            cells = _without_platelets(found.cells, factor, seen)
        else:
            cells = _larger_than_red(found.cells, seen())
        cells[bar] = 0
        return Segmentation(cells, found.nuclei & (cells > 0))


def _without_platelets(cells: Labels, factor: float, look_at: Callable[[], Look]) -> Labels:
    """Cells less those smaller than half a red cell, where the typical one is suspiciously small.

    Where no white cell is left in a picture its platelets set the scale, and the network, which
    knows sizes only by that, takes clumps of them for cells. factor: of its copy to the picture.
    """
    areas = np.bincount(cells.ravel())
    areas[0] = 0
    typical = float(np.median(areas[1:])) if areas.any() else np.inf
    if typical >= LARGE_CELL / factor**2:
        return cells
    seen = look_at()
    if typical >= CELL_OF_RED * np.pi * seen.least_red_radius_px**2:
        return cells
    least = SMALLEST_OF_RED * np.pi * seen.red_radius_px**2
    return number(cells.astype(np.int32), areas >= max(least, 1.0))


def _larger_than_red(cells: Labels, seen: Look) -> Labels:
    """Cells that are surely larger than a red cell; none where the size of those is unknown.

    For pictures without a nucleus that is a kind of its own: pale blasts, or no white cell at all.
    """
    areas = np.bincount(cells.ravel())
    least = PALE_CELL_OF_RED * np.pi * seen.red_radius_px**2
    return number(cells.astype(np.int32), (areas >= least) & (least > 0))


def density_for(rgb: Rgb, bar: Mask, white: Floats) -> Floats:
    """What the network sees: (h, w, 3) optical density, 0 under the scale bar."""
    density = optical_density(rgb, white)
    density[bar] = 0
    return density


_loading = Lock()


def loaded_network() -> Network:
    """The newest package's network, compiled; loaded once even if several threads ask."""
    with _loading:
        return _network()


@lru_cache(maxsize=1)
def _network() -> Network:
    return network_of(find_part(KIND))


def network_of(part: Part) -> Network:
    """The compiled network of `part`. Raises `PackageInvalid`."""
    # Loads OpenVINO; and Keras, where the package was never converted on this machine.
    from inference.engine.serving.runtime import OUTPUT, compile_part

    forward = compile_part(part, lambda: _model(part), batches=(1,))
    for side in SIDES:
        # Compiled now, or the first pictures of a worker would wait for it one by one.
        forward(np.zeros((1, side, side, 3), np.float32))
    return lambda density: forward(density)[OUTPUT]


def _model(part: Part) -> keras.Model:
    from inference.engine.zoo import unet

    model = unet.build(part.card.filters)
    model.set_weights(load_weights(part))
    return model
