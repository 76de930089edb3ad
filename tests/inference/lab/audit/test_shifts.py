from __future__ import annotations

import numpy as np
import pytest

from inference.engine.colour import estimate_white, optical_density
from inference.lab.audit.shifts import SHIFTS, stain
from tests.inference.engine.drawings import APART, RED_CELLS, smear


@pytest.fixture(scope="module")
def picture():
    return smear(APART, red_cells=RED_CELLS)


@pytest.mark.parametrize("change", SHIFTS.values(), ids=SHIFTS)
def test_every_shift_changes_the_picture_and_leaves_it_a_picture(change, picture):
    changed = change(picture)
    assert changed.dtype == np.uint8
    assert changed.shape == picture.shape
    assert (changed != picture).any()


def test_more_stain_is_more_density_in_the_cells_and_none_in_the_background(picture):
    white = estimate_white(picture)
    x, y = APART[0]
    before = optical_density(picture, white)[y, x]
    after = optical_density(stain((1.2, 1.2, 1.2))(picture), white)[y, x]
    assert after / before == pytest.approx([1.2, 1.2, 1.2], rel=0.05)
    assert (stain((1.2, 1.2, 1.2))(np.full_like(picture, 240)) >= 239).all()
