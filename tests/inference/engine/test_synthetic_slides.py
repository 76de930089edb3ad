"""Any piece of a synthetic slide equals the same piece of a bigger picture."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from inference.engine.synthetic import SlideSpec, SyntheticTile, render_tile, slide_cells
from inference.engine.synthetic.slide import _block

SLIDE = SlideSpec(1500, 1200, seed=7, cell_diameter_px=40.0, white_density=0.6, block_px=256)


@pytest.fixture(scope="module")
def whole() -> SyntheticTile:
    return render_tile(SLIDE, 0, 0, SLIDE.width, SLIDE.height)


@pytest.mark.parametrize("seed", range(12))
def test_a_tile_equals_the_crop_of_a_bigger_one(seed: int, whole: SyntheticTile) -> None:
    dice = np.random.default_rng(seed)
    x, y = int(dice.integers(0, 1000)), int(dice.integers(0, 800))
    w, h = (int(side) for side in dice.integers(1, 400, 2))
    _block.cache_clear()
    tile = render_tile(SLIDE, x, y, w, h)
    assert (tile.rgb == whole.rgb[y : y + h, x : x + w]).all()
    assert (tile.cells == whole.cells[y : y + h, x : x + w]).all()
    assert (tile.nuclei == whole.nuclei[y : y + h, x : x + w]).all()


@pytest.mark.parametrize("side", [128, 333, 2048])
def test_no_seam_shows_where_squares_meet(side: int) -> None:
    """With other squares the seams lie elsewhere, and yet the picture is the same."""
    plain = replace(SLIDE, noise=0.0)
    one = render_tile(plain, 300, 300, 700, 600)
    other = render_tile(replace(plain, block_px=side), 300, 300, 700, 600)
    assert np.abs(one.rgb.astype(int) - other.rgb).max() <= 1
    assert (one.cells == other.cells).all()
    assert (one.nuclei == other.nuclei).all()


def test_every_cell_of_the_list_is_in_the_picture_at_its_place(whole: SyntheticTile) -> None:
    cells = slide_cells(SLIDE)
    assert len({cell.id for cell in cells}) == len(cells) > 20
    assert set(np.unique(whole.cells)) - {0} == {cell.id for cell in cells}
    shown = sum(whole.cells[int(cell.y), int(cell.x)] == cell.id for cell in cells)
    assert shown >= 0.95 * len(cells)


def test_lists_of_the_parts_make_the_list_of_the_whole() -> None:
    left, right = (slide_cells(SLIDE, (x, 0, 750, 1200)) for x in (0, 750))
    assert sorted(left + right, key=lambda cell: cell.id) == slide_cells(SLIDE)


def test_the_edge_of_the_glass_is_empty_and_the_middle_is_not() -> None:
    corner = render_tile(SLIDE, 0, 0, 40, 40)
    middle = render_tile(SLIDE, 600, 500, 300, 300)
    assert corner.rgb.std(axis=(0, 1)).max() < 8
    assert middle.rgb.std(axis=(0, 1)).max() > 15


def test_a_corner_of_a_huge_slide_costs_little() -> None:
    huge = SlideSpec(400_000, 300_000, seed=2)
    tracemalloc.start()
    tile = render_tile(huge, 250_000, 180_000, 256, 256)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tile.rgb.shape == (256, 256, 3)
    assert peak < 100e6


def test_a_mixture_of_ones_own_can_be_asked_for() -> None:
    slide = replace(SLIDE, mix={"monocyte": 1.0}, look="cream")
    assert {cell.cell_class for cell in slide_cells(slide)} == {"monocyte"}
    assert render_tile(slide, 700, 600, 64, 64).rgb.shape == (64, 64, 3)


@pytest.mark.parametrize("box", [(-1, 0, 10, 10), (0, 0, 0, 10), (1495, 0, 10, 10)])
def test_a_tile_outside_the_slide_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="does not lie in"):
        render_tile(SLIDE, *box)
