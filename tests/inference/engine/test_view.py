from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.crops import MOST_CUT
from inference.engine.quality import measure_picture
from inference.engine.segmentation import segmenter
from inference.engine.view import find_view
from tests.inference.engine.drawings import APART, RED_CELLS, smear

WIDE = (480, 640)
MIDDLE = (320, 240)
CELLS = tuple((200 + x, 120 + y) for x, y in APART)
RED = tuple((x, y) for x in range(20, 640, 40) for y in range(12, 480, 110))


def through_eyepiece(picture, radius, *, middle=MIDDLE, falls_off=0.35):
    """A disc of `picture` in black, its lamp weaker towards the rim, its edge soft."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(columns - middle[0], rows - middle[1]) / radius
    lamp = np.clip(1 - falls_off * away**2, 0, 1) * np.clip((1 - away) / 0.02, 0, 1)
    return np.clip(picture * lamp[..., None] + 6, 0, 255).astype(np.uint8)


def codes(picture):
    return [warning.code for warning in measure_picture(picture).warnings]


@pytest.mark.parametrize("share", [0.7, 0.9, 1.1, 1.25])
def test_a_disc_in_black_is_found_at_any_size(share):
    radius = share * 480 / 2
    view = find_view(through_eyepiece(smear(CELLS, size=WIDE, red_cells=RED), radius))
    rows, columns = np.mgrid[:480, :640]
    disc = np.hypot(columns - MIDDLE[0], rows - MIDDLE[1]) <= radius
    assert not view.inside[~disc].any()
    assert view.share == pytest.approx(disc.mean(), rel=0.08)


def test_cells_of_the_disc_are_found_as_without_the_frame_and_its_corners_are_none():
    picture = smear(CELLS, size=WIDE, red_cells=RED)
    view = find_view(through_eyepiece(picture, 215))
    assert segmenter()(view.rgb).count == segmenter()(picture).count == len(CELLS)


def test_the_lamp_is_as_bright_at_the_rim_as_in_the_middle():
    view = find_view(through_eyepiece(smear((), size=WIDE), 215))
    level = view.rgb[view.inside].mean(axis=-1)
    assert np.percentile(level, 2) > 0.93 * np.percentile(level, 98)


def test_a_dark_cell_on_the_rim_bites_nothing_out_of_the_view_and_is_cut():
    on_the_rim = (320, 38)
    picture = smear((*CELLS, on_the_rim), size=WIDE, red_cells=RED)
    view = find_view(through_eyepiece(picture, 215))
    found = segmenter()(view.rgb)
    assert view.inside[38, 320]
    assert found.count == len(CELLS) + 1
    assert view.cut(found, MOST_CUT).sum() == 1


def test_black_bands_of_a_screen_are_a_frame():
    picture = smear(CELLS, size=WIDE, red_cells=RED)
    picture[:60] = picture[430:] = 4
    view = find_view(picture)
    assert not view.inside[:60].any()
    assert not view.inside[430:].any()
    assert view.inside[90:400].all()


@pytest.mark.parametrize(
    "picture",
    [
        smear(APART, red_cells=RED_CELLS),
        smear([(5, 5), (235, 235), (5, 235)], radius=40),
        (smear(APART, red_cells=RED_CELLS) * 0.3).astype(np.uint8),
        np.zeros((200, 200, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
    ],
    ids=["a field", "nuclei in the corners", "a dim field", "all black", "one pixel"],
)
def test_a_picture_without_a_frame_stays_as_it_is(picture):
    assert find_view(picture) is None


def test_a_cell_that_somebody_cut_out_is_no_view():
    picture = np.zeros((200, 200, 3), np.uint8)
    cv2.circle(picture, (100, 100), 60, (90, 40, 95), -1)
    assert find_view(picture) is None


def test_the_sender_is_told_that_only_the_disc_is_read():
    picture = through_eyepiece(smear(CELLS, size=WIDE, red_cells=RED), 215)
    (warning,) = measure_picture(picture).warnings
    assert warning.code == "framed"
    assert "44% of the picture" in warning.message
    assert codes(smear(CELLS, size=WIDE, red_cells=RED)) == []
