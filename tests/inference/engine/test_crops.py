from __future__ import annotations

import numpy as np
import pytest

from inference.engine.crops import cut_cells
from inference.engine.segmentation import segmenter
from inference.engine.sizes import CropSettings
from inference.engine.types import Segmentation
from tests.inference.engine.drawings import APART, RED_CELLS, smear, with_scale_bar

SETTINGS = CropSettings()


def crops_of(picture):
    return cut_cells(picture, segmenter()(picture), SETTINGS)


def test_each_cell_gives_one_crop_with_a_black_background():
    crops = crops_of(smear(APART)).pixels
    assert crops.shape == (len(APART), SETTINGS.side, SETTINGS.side, 3)
    assert (crops[:, :4, :4] == 0).all()
    assert (crops[:, 20:28, 20:28] > 0).all()


def test_another_background_gives_the_same_crops():
    picture = smear(APART, noise=0)
    found = segmenter()(picture)
    green = picture.copy()
    green[found.cells == 0] = (246, 248, 250)
    here, there = (cut_cells(one, found, SETTINGS).pixels for one in (picture, green))
    assert np.abs(here.astype(int) - there).max() <= 12


def test_a_dimmer_lamp_gives_nearly_the_same_crops():
    picture = smear(APART, noise=0)
    found = segmenter()(picture)
    dim = (picture * 0.7).astype(np.uint8)
    here, there = (cut_cells(one, found, SETTINGS).pixels for one in (picture, dim))
    assert np.abs(here.astype(int) - there).mean() < 3


def test_a_cell_cut_by_the_border_or_the_scale_bar_does_not_decide():
    picture = with_scale_bar(smear([(120, 80), (2, 120), (170, 205)], red_cells=RED_CELLS))
    found = segmenter()(picture)
    usable = cut_cells(picture, found, SETTINGS).usable
    whole = found.cells[80, 120] - 1
    assert usable.sum() == 1
    assert usable[whole]


@pytest.mark.parametrize(("beyond", "whole"), [(0.08, True), (0.2, False)])
def test_a_cell_that_loses_little_at_the_border_still_counts(beyond, whole):
    """A disk of which a known share of the area lies beyond the picture's left border."""
    radius, columns = 40, np.arange(-40, 200)
    rows = np.arange(200)[:, None]
    disk = (rows - 100) ** 2 + columns[None] ** 2 <= radius**2
    lost = np.cumsum(disk.sum(axis=0)) / disk.sum()
    start = int(np.searchsorted(lost, beyond))
    cells = disk[:, start:].astype(np.uint16)
    picture = np.full((*cells.shape, 3), 230, np.uint8)
    picture[cells > 0] = (90, 60, 150)
    found = Segmentation(cells, cells > 0)
    assert cut_cells(picture, found, SETTINGS).usable.tolist() == [whole]


def test_the_size_of_a_cell_in_its_field_is_kept():
    picture = smear([(60, 60), (180, 180), (60, 180)], radius=14)
    picture[20:100, 20:100] = smear([(40, 40)], radius=22, size=(80, 80))
    # By the classical method: the U-Net takes flat small disks beside a large one for platelets.
    crops = cut_cells(picture, segmenter("adaptive")(picture), SETTINGS).pixels
    areas = sorted((crop.any(axis=-1)).sum() for crop in crops)
    assert areas[-1] / areas[0] == pytest.approx((22 / 14) ** 2, rel=0.25)


def test_no_cell_gives_no_crop():
    assert crops_of(np.zeros((50, 50, 3), np.uint8)).pixels.shape == (0, 48, 48, 3)
