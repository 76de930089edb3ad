from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation import segmenter
from inference.lab.data.painting import (
    PAINTINGS,
    empty_field,
    erase_bar,
    paint_out,
    transplant,
    white_cells,
)
from tests.inference.engine.drawings import APART, RED_CELLS, smear, with_scale_bar


@pytest.fixture(scope="module")
def picture():
    return smear(APART, red_cells=RED_CELLS)


@pytest.fixture(scope="module")
def cells(picture):
    return segmenter("adaptive")(picture).cells


@pytest.mark.parametrize("paint", PAINTINGS.values(), ids=PAINTINGS)
def test_with_its_cells_painted_out_a_field_has_none(paint, picture, cells):
    assert cells.max() == len(APART)
    assert segmenter("adaptive")(paint(picture, cells)).count == 0


def test_a_cell_that_the_model_missed_is_painted_out_too(picture, cells):
    x, y = APART[-1]
    known = np.where(cells == cells[y, x], 0, cells)
    assert white_cells(picture, known)[y, x]
    assert np.abs(paint_out(picture, known)[y, x].astype(int) - picture[y, x]).max() > 60


def test_platelets_and_red_cells_are_left_for_the_model_to_refuse(cells):
    platelet = (25, 200)
    picture = smear(APART, red_cells=RED_CELLS)
    picture[platelet[1] - 2 : platelet[1] + 3, platelet[0] - 2 : platelet[0] + 3] = (120, 60, 170)
    gone = white_cells(picture, cells)
    assert not gone[platelet[1], platelet[0]]
    assert not any(gone[y, x] for x, y in RED_CELLS[:3])


def test_red_cells_cover_the_cells_where_the_field_has_any(picture, cells):
    covered = PAINTINGS["red cells of the field"](picture, cells)
    before, after = (cells > 0), covered[cells > 0]
    assert before.any()
    assert (np.abs(after.astype(int) - (205, 190, 196)).max(axis=1) < 25).mean() > 0.2


def test_where_the_model_found_no_cell_nothing_is_painted(picture):
    nothing = np.zeros(picture.shape[:2], np.uint16)
    assert not white_cells(picture, nothing).any()
    assert (paint_out(picture, nothing) == picture).all()


def test_the_scale_bar_stays_when_cells_go_and_goes_when_it_is_erased():
    picture = with_scale_bar(smear(APART))
    cells = segmenter("adaptive")(picture).cells
    assert find_scale_bar(paint_out(picture, cells)).any()
    assert not find_scale_bar(erase_bar(picture)).any()
    assert not find_scale_bar(empty_field(picture, cells)).any()


def test_ground_for_other_cells_has_no_crushed_nuclei_either(picture, cells):
    crushed = picture.copy()
    cv2.ellipse(crushed, (80, 205), (16, 11), 0, 0, 360, (190, 145, 225), -1)
    assert not white_cells(crushed, cells)[205, 80]
    before, after = (image[205, 80, 1] for image in (crushed, empty_field(crushed, cells)))
    assert after > before + 15


def test_a_transplant_keeps_the_cells_and_takes_the_other_background():
    picture = smear(APART, noise=0)
    other = np.full_like(picture, (200, 210, 190))
    cells = segmenter("adaptive")(picture).cells
    moved = transplant(picture, cells, other)
    assert np.abs(moved[5, 5].astype(int) - (200, 210, 190)).max() <= 1
    assert segmenter("adaptive")(moved).count == len(APART)
