from __future__ import annotations

import numpy as np
import pytest

from inference.engine.evaluation.segmentation import dice, evaluate_segmentation, match, overlap


def test_dice_is_one_for_equal_masks_and_half_for_half():
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    half = mask.copy()
    half[:, :2] = ~half[:, :2]
    assert dice(mask, mask) == dice(mask & False, mask & False) == 1
    assert dice(mask, half) == 0.5


def test_overlap_of_boxes_is_intersection_over_union():
    assert overlap((0, 0, 4, 4), (2, 0, 4, 4)) == pytest.approx(8 / 24)
    assert overlap((0, 0, 4, 4), (9, 9, 4, 4)) == 0


def test_each_drawn_box_is_found_once():
    drawn = [(0, 0, 10, 10), (50, 50, 10, 10)]
    assert match([(1, 1, 10, 10), (0, 0, 9, 9)], drawn).tolist() == [1, 1, 1]


def test_missing_pictures_are_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="no pictures"):
        evaluate_segmentation("adaptive", tmp_path)
