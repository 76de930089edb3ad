from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from inference.engine.colour import counted_percentile
from inference.engine.quality import MOST_PIXELS, measure_picture, quality_of, size_warnings
from inference.engine.segmentation import segmenter
from tests.inference.engine.drawings import APART, RED_CELLS, smear


def measure_quality(picture):
    """As a run has it, which knows the cells."""
    return quality_of(picture, segmenter()(picture))


def codes(picture):
    return [warning.code for warning in measure_quality(picture).warnings]


def codes_on_arrival(picture):
    return [warning.code for warning in measure_picture(picture).warnings]


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


@pytest.mark.parametrize("grain", [0, 1])
def test_a_picture_without_colour_is_called_that(grain):
    grey = cv2.cvtColor(smear(APART, red_cells=RED_CELLS), cv2.COLOR_RGB2GRAY)
    grey = cv2.merge([grey, grey, cv2.add(grey, grain)])
    assert codes(grey) == codes_on_arrival(grey) == ["no_colour"]


def test_on_arrival_a_large_picture_is_judged_on_a_copy_and_without_a_network():
    large = cv2.resize(smear(APART, red_cells=RED_CELLS), (3000, 3000))
    assert codes_on_arrival(large) == []
    assert codes_on_arrival(cv2.GaussianBlur(large, (0, 0), 60)) == ["blurred"]
    probe = (
        "import numpy, sys; from inference.engine.quality import measure_picture;"
        "measure_picture(numpy.full((300, 300, 3), 200, numpy.uint8));"
        "print(*({'openvino', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert not said.stdout.split()


def test_what_the_analysis_will_not_take_is_said_on_arrival():
    assert size_warnings(8000, 5000) == ()
    (warning,) = size_warnings(8000, 5001)
    assert warning.code == "too_large"
    assert f"{MOST_PIXELS // 1_000_000} million" in warning.message


@pytest.mark.parametrize("size", [1, 2, 3, 100, 5001])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.99])
def test_percentiles_by_counting_are_those_of_numpy(size, share):
    values = np.random.default_rng(size).integers(0, 700, size)
    assert counted_percentile(np.bincount(values), share) == pytest.approx(
        np.percentile(values, 100 * share), abs=1e-9
    )
