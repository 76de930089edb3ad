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


BRICKS = [(x, y) for y in (80, 118) for x in (50, 88, 126, 164)]


def clump(middles, size=(220, 220)):
    """Cells without a gap, so tight that no rim is surely seen: depth falls between their middles,
    but stays above that of a rim."""
    mask, deep = np.zeros(size, np.uint8), np.zeros(size, np.float32)
    down, across = np.ogrid[: size[0], : size[1]]
    for x, y in middles:
        mask[y - 20 : y + 20, x - 20 : x + 20] = 1
        deep = np.maximum(deep, 0.65 - 0.01 * np.hypot(across - x, down - y))
    depth = np.where(mask > 0, np.maximum(deep, 0.3), 0.01)
    shape = [6.0 * (mask == 0), 6.0 * (mask > 0), np.full(size, -6.0), np.log(depth / (1 - depth))]
    return np.stack(shape, axis=-1).astype(np.float32)


def test_a_tight_clump_is_cut_at_the_peaks_of_the_learned_depth():
    found = draw(clump(BRICKS), picture(220))
    assert found.count == len(BRICKS)
    assert len({int(found.cells[y, x]) for x, y in BRICKS}) == len(BRICKS)


def test_what_falls_into_crumbs_smaller_than_red_cells_stays_whole():
    assert draw(clump(BRICKS), picture(220), lambda: 12.0).count == len(BRICKS)
    assert draw(clump(BRICKS), picture(220), lambda: 26.0).count == 1


def test_a_large_round_cell_is_no_clump():
    lobes = [(100, 100), (120, 100), (110, 112), (110, 90)]
    assert draw(clump(lobes), picture(220)).count == 1
