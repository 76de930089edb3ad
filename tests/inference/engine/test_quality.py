from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.colour import counted_percentile
from inference.engine.quality import measure_quality
from tests.inference.engine.drawings import APART, RED_CELLS, smear


def codes(picture):
    return [warning.code for warning in measure_quality(picture).warnings]


def test_a_sharp_field_with_cells_has_no_warning():
    quality = measure_quality(smear(APART, red_cells=RED_CELLS))
    assert quality.warnings == ()
    assert quality.white_cells == len(APART)


def test_a_blurred_field_is_told_to_refocus():
    picture = cv2.GaussianBlur(smear(APART, red_cells=RED_CELLS), (0, 0), 5)
    warning = measure_quality(picture).warnings[0]
    assert warning.code == "blurred"
    assert "refocus" in warning.message


def test_the_same_field_at_four_times_the_size_is_as_sharp():
    small = smear(APART, red_cells=RED_CELLS, noise=0)
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert measure_quality(large).focus == pytest.approx(measure_quality(small).focus, rel=0.3)


def test_a_dim_field_is_dark_and_its_cells_are_still_found():
    quality = measure_quality((smear(APART) * 0.3).astype(np.uint8))
    assert [warning.code for warning in quality.warnings] == ["too_dark"]
    assert quality.white_cells == len(APART)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.zeros((200, 200, 3), np.uint8), "too_dark"),
        (np.full((200, 200, 3), 255, np.uint8), "too_bright"),
        (np.full((200, 200, 3), 200, np.uint8), "no_content"),
        (np.full((1, 1, 3), 90, np.uint8), "too_small"),
        (np.full((1, 10_000, 3), 90, np.uint8), "too_small"),
        (smear([], red_cells=RED_CELLS), "no_white_cells"),
        (smear(APART[:1], red_cells=RED_CELLS), "few_white_cells"),
    ],
    ids=["dark", "white", "grey", "pixel", "row", "red cells only", "one cell"],
)
def test_each_fault_has_its_own_words(picture, code):
    assert codes(picture) == [code]


def test_a_large_picture_is_judged_on_a_copy():
    large = cv2.resize(smear(APART, red_cells=RED_CELLS), (3000, 3000))
    assert measure_quality(large).white_cells == len(APART)


@pytest.mark.parametrize("size", [1, 2, 3, 100, 5001])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.99])
def test_percentiles_by_counting_are_those_of_numpy(size, share):
    values = np.random.default_rng(size).integers(0, 700, size)
    assert counted_percentile(np.bincount(values), share) == pytest.approx(
        np.percentile(values, 100 * share), abs=1e-9
    )
