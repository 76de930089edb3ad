"""Where the objects of a slide lie: dice at lattice sites, so that any part can be asked alone."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from inference.engine.synthetic.chance import Integers, drift_at, uniform
from inference.engine.synthetic.platelets import SIZES, Platelet
from inference.engine.synthetic.recipes import RECIPES, draw_class, usual_mix
from inference.engine.synthetic.red_cells import DIAMETER, TRAITS, RedCells
from inference.engine.synthetic.spec import CellClass, SlideSpec
from inference.engine.synthetic.white_cells import WhiteCell
from inference.engine.types import Box

_WHITE_PITCH = 2.2  # nominal diameters between sites; at most one white cell at each
_WHITE_SHAKE = 0.28  # of the pitch, to either side: neighbours may touch and hardly overlap
_PLATELET_PITCH = 1.6
_WHITE, _RED, _PLATELET, _FILM = 100, 200, 300, 400  # first channel of each kind's dice


def white_cells(slide: SlideSpec, box: Box) -> list[WhiteCell]:
    """White and smudge cells with their centres in `box` (x, y, w, h), ordered by id."""
    pitch = _WHITE_PITCH * slide.cell_diameter_px
    ix, iy = _sites(box, pitch, slide)
    dice = [uniform(slide.seed, ix, iy, _WHITE + channel) for channel in range(6)]
    x = (ix + 0.5 + (2 * dice[0] - 1) * _WHITE_SHAKE) * pitch
    y = (iy + 0.5 + (2 * dice[1] - 1) * _WHITE_SHAKE) * pitch
    crowd = 0.3 + 1.4 * drift_at(slide.seed, x, y, 40 * slide.cell_diameter_px, _FILM)
    taken = dice[2] < slide.white_density * crowd * smear(slide, x, y)
    taken &= _inside(x, y, box) & _inside(x, y, (0, 0, slide.width, slide.height))
    mix = dict(slide.mix or usual_mix(slide.label))
    per_row = math.ceil(slide.width / pitch)
    return [
        _white_cell(slide, mix, int(iy[i]) * per_row + int(ix[i]) + 1, x[i], y[i],
                    (dice[3][i], dice[4][i], dice[5][i]))
        for i in np.flatnonzero(taken)
    ]  # fmt: skip


def red_cells(slide: SlideSpec, box: Box) -> RedCells:
    """Red cells with their centres in `box`, before they give way to white cells."""
    pitch = DIAMETER * 0.98 * slide.cell_diameter_px
    ix, iy = _sites(box, pitch, slide)
    dice = [uniform(slide.seed, ix, iy, _RED + channel) for channel in range(4)]
    x, y = (ix + 1.2 * dice[0]) * pitch, (iy + 1.2 * dice[1]) * pitch
    thick = drift_at(slide.seed, x, y, 25 * slide.cell_diameter_px, _FILM + 1)
    taken = (dice[2] < (0.3 + 0.6 * thick) * smear(slide, x, y)) & _inside(x, y, box)
    radius = slide.cell_diameter_px * DIAMETER / 2 * (0.9 + 0.2 * dice[3][taken])
    ix, iy = ix[taken], iy[taken]
    traits = [uniform(slide.seed, ix, iy, _RED + 10 + trait) for trait in range(TRAITS)]
    return RedCells(x[taken], y[taken], radius, np.stack(traits, axis=1))


def platelets(slide: SlideSpec, box: Box) -> list[Platelet]:
    """Platelets with their centres in `box`."""
    pitch = _PLATELET_PITCH * slide.cell_diameter_px
    ix, iy = _sites(box, pitch, slide)
    dice = [uniform(slide.seed, ix, iy, _PLATELET + channel) for channel in range(4)]
    x, y = (ix + dice[0]) * pitch, (iy + dice[1]) * pitch
    taken = (dice[2] < 0.15 * smear(slide, x, y)) & _inside(x, y, box)
    radius = slide.cell_diameter_px / 2 * (SIZES[0] + (SIZES[1] - SIZES[0]) * dice[3])
    return [
        Platelet(float(x[i]), float(y[i]), float(radius[i]), _seed(slide, _PLATELET, ix[i], iy[i]))
        for i in np.flatnonzero(taken)
    ]


def smear(slide: SlideSpec, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """How full the film is at (x, y): 1 in the body, falling to 0 at its feathered, ragged edge."""
    across, down = 2 * x / slide.width - 1, 2 * y / slide.height - 1
    ragged = 0.25 * drift_at(slide.seed, x, y, 12 * slide.cell_diameter_px, _FILM + 2)
    far = np.abs(across) ** 4 + np.abs(down) ** 4 + ragged
    thick: NDArray[np.float64] = np.clip((1.15 - far) / 0.3, 0.0, 1.0)
    return thick


def _white_cell(
    slide: SlideSpec, mix: dict[CellClass, float], number: int, x: float, y: float,
    dice: tuple[float, float, float],
) -> WhiteCell:  # fmt: skip
    kind = draw_class(mix, dice[0])
    recipe = RECIPES[kind]
    low, high = recipe.size
    radius = slide.cell_diameter_px / 2 * (low + (high - low) * dice[1])
    subtype = recipe.subtypes[int(dice[2] * len(recipe.subtypes))]
    seed = (slide.seed & 0xFFFFFFFF, _WHITE, number)
    return WhiteCell(number, kind, subtype, float(x), float(y), float(radius), seed)


def _sites(box: Box, pitch: float, slide: SlideSpec) -> tuple[Integers, Integers]:
    """Sites whose object might have its centre in `box`, row by row, as two flat arrays."""
    x, y, w, h = box
    x0, y0 = math.floor(x / pitch) - 1, math.floor(y / pitch) - 1
    x1, y1 = math.ceil((x + w) / pitch) + 1, math.ceil((y + h) / pitch) + 1
    columns = np.arange(max(x0, 0), min(x1, math.ceil(slide.width / pitch)))
    rows = np.arange(max(y0, 0), min(y1, math.ceil(slide.height / pitch)))
    iy, ix = np.meshgrid(rows, columns, indexing="ij")
    return ix.ravel(), iy.ravel()


def _inside(x: NDArray[np.float64], y: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    left, top, width, height = box
    return (x >= left) & (x < left + width) & (y >= top) & (y < top + height)


def _seed(slide: SlideSpec, kind: int, ix: int, iy: int) -> tuple[int, ...]:
    return slide.seed & 0xFFFFFFFF, kind, int(ix), int(iy)
