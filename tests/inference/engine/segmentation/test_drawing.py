from __future__ import annotations

import cv2
import numpy as np

from inference.engine.segmentation.drawing import draw


def logits_of(cells, *, nuclei=None, size=(160, 160)):
    """Sure logits for disks (x, y, radius)."""
    mask, inner = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    for x, y, radius in cells:
        cv2.circle(mask, (x, y), radius, 1, -1)
        cv2.circle(inner, (x, y), radius // 2, 1, -1)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    deep = 8 * (distance / max(1.0, distance.max()) - 0.5)
    shape = [6.0 * (mask == 0), 6.0 * ((mask > 0) & (inner == 0)), 6.0 * (inner > 0), deep]
    return np.stack(shape, axis=-1).astype(np.float32)


def picture(side=160):
    return np.zeros((side, side, 3), np.uint8)


def test_cells_apart_and_touching_are_told_from_each_other():
    found = draw(logits_of([(40, 40, 18), (74, 40, 18), (110, 110, 20)]), picture())
    assert found.count == 3
    assert found.cells[40, 40] != found.cells[40, 74]


def test_the_nucleus_is_drawn_inside_its_cell():
    found = draw(logits_of([(80, 80, 20)]), picture())
    assert found.nuclei[80, 80]
    assert 0 < found.nuclei.sum() < (found.cells > 0).sum()


def test_specks_beside_a_cell_are_no_cells():
    assert draw(logits_of([(40, 40, 20), (100, 100, 5), (130, 60, 7)]), picture()).count == 1


def test_a_hole_in_a_cell_is_filled():
    logits = logits_of([(80, 80, 20)])
    logits[78:83, 78:83, :3] = (6, 0, 0)
    assert (draw(logits, picture()).cells[75:86, 75:86] == 1).all()


def test_an_unsure_object_is_no_cell():
    logits = logits_of([(80, 80, 20)])
    logits[..., :3] *= 0.02
    assert draw(logits, picture()).count == 0


def test_outlines_of_an_enlarged_drawing_are_smooth():
    found = draw(logits_of([(80, 80, 30)]), picture(800)).cells
    truth = np.zeros((800, 800), np.uint8)
    cv2.circle(truth, (402, 402), 152, 1, -1)
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.98
