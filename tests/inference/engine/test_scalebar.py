from __future__ import annotations

from typing import get_args

import cv2
import numpy as np
import pytest

from inference.engine.scalebar import find_scale_bar
from inference.engine.synthetic import FieldSpec, render_field
from inference.engine.synthetic.spec import LookName
from tests.inference.engine.drawings import APART, RED_CELLS, smear, with_scale_bar


def test_a_black_bar_on_a_white_box_is_found_whole():
    found = find_scale_bar(with_scale_bar(smear(APART)))
    ink = (slice(214, 238), slice(178, 233))
    assert found[ink].mean() > 0.9
    assert found[:180].sum() == 0


def test_red_print_without_a_box_is_found_over_cells_too():
    picture = smear([(200, 215)], radius=22)
    cv2.line(picture, (180, 212), (180, 220), (200, 20, 40), 1)
    cv2.putText(picture, "100", (186, 216), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (200, 20, 40), 1)
    assert find_scale_bar(picture)[208:220, 180:205].mean() > 0.8


def test_cells_are_not_taken_for_print():
    low = tuple((x, 226) for x in range(15, 240, 32))
    assert not find_scale_bar(smear(low, red_cells=RED_CELLS)).any()


def test_a_tiny_or_empty_picture_has_no_bar():
    assert not find_scale_bar(np.zeros((1, 10_000, 3), np.uint8)).any()
    assert not find_scale_bar(np.zeros((300, 300, 3), np.uint8)).any()


@pytest.mark.parametrize("look", get_args(LookName))
def test_rims_of_red_cells_in_a_row_are_no_print(look):
    fields = (render_field(FieldSpec(width=560, height=420, look=look), seed) for seed in range(6))
    assert not any(find_scale_bar(field.rgb).any() for field in fields)
