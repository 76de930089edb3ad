from __future__ import annotations

import numpy as np
import pytest

from inference.engine.pooling import pool, prediction_set, softmax
from inference.lab.train.calibrate import calibrate, covered


def test_many_mild_cells_outweigh_one_extreme_cell():
    cells = np.array([[2.0, 0, 0, 0]] * 9 + [[0, 8.0, 0, 0]], np.float32)
    assert pool(cells, np.full(10, 0.1, np.float32)).argmax() == 0


@pytest.mark.parametrize(
    ("probabilities", "coverage", "chosen"),
    [
        ([0.9, 0.05, 0.03, 0.02], 0.8, (0,)),
        ([0.5, 0.4, 0.06, 0.04], 0.8, (0, 1)),
        ([0.1, 0.2, 0.3, 0.4], 1.0, (3, 2, 1, 0)),
        ([0.25, 0.25, 0.25, 0.25], 0.0, (0,)),
    ],
)
def test_a_prediction_set_holds_the_fewest_classes_that_reach_the_coverage(
    probabilities, coverage, chosen
):
    assert prediction_set(np.array(probabilities, np.float32), coverage) == chosen


def test_calibration_takes_back_confidence_that_was_not_earned():
    rng = np.random.default_rng(3)
    label = rng.integers(0, 4, 4000)
    honest = rng.normal(0, 1, (4000, 4)) + 1.5 * np.eye(4)[label]
    fitted = calibrate((honest * 5).astype(np.float32), label)
    assert 2 < fitted.temperature < 6


def test_prediction_sets_hold_the_truth_as_often_as_stated():
    rng = np.random.default_rng(4)
    label = rng.integers(0, 4, 6000)
    scores = (rng.normal(0, 1, (6000, 4)) + 2 * np.eye(4)[label]).astype(np.float32)
    fitted = calibrate(scores[:3000], label[:3000])
    sets = covered(softmax(scores[3000:] / fitted.temperature), fitted)
    hit = np.mean([truth in one for truth, one in zip(label[3000:], sets, strict=True)])
    assert hit == pytest.approx(fitted.level, abs=0.02)
    assert 1 < np.mean([len(one) for one in sets]) < 3
