"""Slides of any size, drawn piece by piece in bounded memory.

The slide is cut into squares that are always rendered whole and always alike; a tile is put
together from them. So a pixel is the same whichever tile it is asked for with, to the last bit.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from inference.engine.synthetic import lattice, optics
from inference.engine.synthetic.canvas import Canvas
from inference.engine.synthetic.look import Look, draw_look
from inference.engine.synthetic.settling import settled
from inference.engine.synthetic.spec import SlideCell, SlideSpec, SyntheticTile
from inference.engine.types import Box

_KEPT_BLOCKS = 16  # about 2 MB each
# How far beyond a square objects can matter, in nominal cell diameters: a white cell reaches 1.1;
# a red cell reaches 0.5 and may have been pushed by 0.8, by a white cell whose centre is 1.1 away.
_WHITE_REACH, _RED_REACH, _PUSH_REACH = 1.2, 1.3, 2.5


def render_tile(slide: SlideSpec, x: int, y: int, w: int, h: int) -> SyntheticTile:
    """The rectangle (x, y, w, h) of `slide`, which must lie inside it.

    Equals the same rectangle of any larger tile. Memory: the tile and at most 17 squares.
    """
    if x < 0 or y < 0 or w < 1 or h < 1 or x + w > slide.width or y + h > slide.height:
        raise ValueError(f"({x}, {y}, {w}, {h}) does not lie in {slide.width} x {slide.height}.")
    tile = _empty(w, h)
    side = slide.block_px
    for row in range(y // side, (y + h - 1) // side + 1):
        for column in range(x // side, (x + w - 1) // side + 1):
            _copy(_block(slide, column, row), (column * side, row * side), tile, (x, y))
    return tile


def slide_cells(slide: SlideSpec, box: Box | None = None) -> list[SlideCell]:
    """The white and smudge cells with their centres in `box` (default: anywhere), undrawn."""
    found = lattice.white_cells(slide, box or (0, 0, slide.width, slide.height))
    return [SlideCell(c.id, c.cell_class, c.subtype, c.x, c.y, c.radius) for c in found]


@lru_cache(maxsize=_KEPT_BLOCKS)
def _block(slide: SlideSpec, column: int, row: int) -> SyntheticTile:
    side = slide.block_px
    look, blur = _light(slide)
    margin = math.ceil(4 * blur) + 1
    box = (column * side - margin, row * side - margin, side + 2 * margin, side + 2 * margin)
    canvas = _painted(slide, look, box)
    density = canvas.density() + optics.film(slide.seed, box, slide.cell_diameter_px)
    light = optics.blurred_light(density, look.lamp, blur)
    inner = slice(margin, margin + side), slice(margin, margin + side)
    dice = np.random.default_rng([slide.seed & 0xFFFFFFFF, 3, column, row])
    rgb = optics.sensed(light[inner], slide.noise, dice)
    return SyntheticTile(rgb, canvas.cells[inner], canvas.nuclei[inner])


def _light(slide: SlideSpec) -> tuple[Look, float]:
    """The stain and lamp of the whole slide, and its defocus in pixels."""
    rng = np.random.default_rng([slide.seed & 0xFFFFFFFF, 2])
    look = draw_look(rng, slide.look)
    return look, float(rng.uniform(1.0, 1.6)) * (0.35 + 0.006 * slide.cell_diameter_px)


def _painted(slide: SlideSpec, look: Look, box: Box) -> Canvas:
    unit = slide.cell_diameter_px
    canvas = Canvas(box, look)
    pushing = lattice.white_cells(slide, _grown(box, _PUSH_REACH * unit))
    canvas.add_red_cells(settled(lattice.red_cells(slide, _grown(box, _RED_REACH * unit)), pushing))
    canvas.add_platelets(lattice.platelets(slide, _grown(box, unit)))
    canvas.add_white_cells(lattice.white_cells(slide, _grown(box, _WHITE_REACH * unit)))
    return canvas


def _grown(box: Box, margin: float) -> Box:
    x, y, w, h = box
    more = math.ceil(margin)
    return x - more, y - more, w + 2 * more, h + 2 * more


def _empty(w: int, h: int) -> SyntheticTile:
    return SyntheticTile(
        np.zeros((h, w, 3), np.uint8), np.zeros((h, w), np.uint32), np.zeros((h, w), bool)
    )


def _copy(
    block: SyntheticTile, corner: tuple[int, int], tile: SyntheticTile, origin: tuple[int, int]
) -> None:
    """Copy what `block` at world `corner` shares with `tile` at world `origin`."""
    dx, dy = corner[0] - origin[0], corner[1] - origin[1]
    (side, _), (h, w) = block.cells.shape, tile.cells.shape
    x0, x1, y0, y1 = max(dx, 0), min(dx + side, w), max(dy, 0), min(dy + side, h)
    there, here = (slice(y0 - dy, y1 - dy), slice(x0 - dx, x1 - dx)), (slice(y0, y1), slice(x0, x1))
    tile.rgb[here], tile.cells[here] = block.rgb[there], block.cells[there]
    tile.nuclei[here] = block.nuclei[there]
