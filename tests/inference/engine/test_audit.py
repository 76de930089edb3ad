from __future__ import annotations

import numpy as np

from inference.engine.evaluation.audit import paint_out, transplant
from inference.engine.segmentation import segmenter
from tests.inference.engine.drawings import APART, RED_CELLS, smear


def test_with_its_cells_painted_out_a_field_has_none():
    picture = smear(APART, red_cells=RED_CELLS)
    assert segmenter()(paint_out(picture, segmenter()(picture).cells)).count == 0


def test_a_transplant_keeps_the_cells_and_takes_the_other_background():
    picture = smear(APART, noise=0)
    other = np.full_like(picture, (200, 210, 190))
    cells = segmenter()(picture).cells
    moved = transplant(picture, cells, other)
    assert np.abs(moved[5, 5].astype(int) - (200, 210, 190)).max() <= 1
    assert segmenter()(moved).count == len(APART)
