from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.segmentation import SEGMENTERS, segmenter
from inference.engine.segmentation.objects import roundness, split_touching, typical_radius
from tests.inference.engine.drawings import APART, RED_CELLS, smear, with_scale_bar


@pytest.mark.parametrize("scale", [0.8, 1.0, 3.0, 8.0])
def test_white_cells_are_counted_whatever_their_size(scale):
    picture = smear(APART, red_cells=RED_CELLS)
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    assert segmenter()(picture).count == len(APART)


@pytest.mark.parametrize("tint", [(1, 1, 1), (1, 1, 0.75), (0.8, 0.9, 1), (0.55, 0.55, 0.55)])
def test_white_cells_are_counted_under_any_lamp(tint):
    picture = (smear(APART, red_cells=RED_CELLS) * np.array(tint)).astype(np.uint8)
    assert segmenter()(picture).count == len(APART)


def test_the_mask_covers_the_drawn_cells():
    truth = np.zeros((240, 240), np.uint8)
    for place in APART:
        cv2.circle(truth, place, 15, 1, -1)
    found = segmenter()(smear(APART, red_cells=RED_CELLS)).cells > 0
    assert 2 * (found & (truth > 0)).sum() / (found.sum() + truth.sum()) > 0.85


def test_labels_are_sixteen_bit_without_gaps_and_nuclei_lie_inside_cells():
    found = segmenter()(smear(APART))
    assert found.cells.dtype == np.uint16
    assert sorted(np.unique(found.cells)) == list(range(len(APART) + 1))
    assert not (found.nuclei & (found.cells == 0)).any()


def test_touching_cells_are_split():
    assert segmenter()(smear([(90, 120), (117, 120), (190, 60)])).count == 3


def test_red_cells_alone_are_no_white_cells():
    assert segmenter()(smear([], red_cells=RED_CELLS)).count == 0


def test_darker_red_cells_are_not_taken_for_nuclei():
    picture = smear([], red_cells=RED_CELLS)
    for place in RED_CELLS[::3]:
        cv2.circle(picture, place, 10, (190, 172, 184), -1, cv2.LINE_AA)
    assert segmenter()(picture).count == 0


def test_platelets_beside_white_cells_are_not_counted():
    picture = smear(APART, red_cells=RED_CELLS)
    for place in ((90, 120), (20, 100), (200, 120)):
        cv2.circle(picture, place, 3, (130, 70, 170), -1, cv2.LINE_AA)
    assert segmenter()(picture).count == len(APART)


def test_a_printed_scale_bar_is_never_a_cell():
    found = segmenter()(with_scale_bar(smear(APART)))
    assert found.count == len(APART)
    assert not found.cells[-30:, -70:].any()


@pytest.mark.parametrize("name", sorted(SEGMENTERS))
@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((200, 200, 3), np.uint8),
        np.full((200, 200, 3), 255, np.uint8),
        np.full((1, 1, 3), 90, np.uint8),
        np.full((1, 10_000, 3), 120, np.uint8),
        np.random.default_rng(0).integers(0, 256, (10_000, 1, 3), dtype=np.uint8),
        np.full((2, 2, 3), (120, 60, 170), np.uint8),
    ],
    ids=["dark", "white", "one pixel", "one row", "one column", "all purple"],
)
def test_pictures_without_cells_give_an_empty_result(name, picture):
    found = segmenter(name)(picture)
    assert found.cells.shape == found.nuclei.shape == picture.shape[:2]
    assert found.count == 0


def test_an_unknown_method_names_the_known_ones():
    with pytest.raises(KeyError, match="adaptive"):
        segmenter("magic")


def test_the_watershed_cuts_a_dumbbell_in_two():
    mask = np.zeros((60, 100), np.uint8)
    cv2.circle(mask, (30, 30), 20, 1, -1)
    cv2.circle(mask, (66, 30), 20, 1, -1)
    labels = split_touching(mask > 0, min_distance_px=22)
    assert set(np.unique(labels)) == {0, 1, 2}
    assert ((labels > 0) == (mask > 0)).all()


def test_the_typical_radius_is_that_of_one_cell_even_in_a_clump():
    mask = np.zeros((80, 160), np.uint8)
    for x in (30, 60, 90, 120):
        cv2.circle(mask, (x, 40), 18, 1, -1)
    assert typical_radius(mask > 0) == pytest.approx(18, abs=2)


def test_a_disk_is_round_also_where_the_border_cuts_it():
    mask = np.zeros((60, 100), np.uint8)
    cv2.circle(mask, (30, 30), 20, 1, -1)
    cv2.circle(mask, (99, 30), 20, 1, -1)
    for part, least in ((mask[:, :60], 0.95), (np.pad(mask[:, 60:], ((0, 0), (60, 0))), 0.95)):
        rows, columns = np.nonzero(part)
        points = np.stack([columns, rows], axis=1).astype(np.int32)
        assert roundness(points, (60, part.shape[1])) > least
    rows, columns = np.nonzero(mask)
    assert roundness(np.stack([columns, rows], axis=1).astype(np.int32), (60, 100)) < 0.6
