from __future__ import annotations

import json

import numpy as np
import pytest

from inference.lab.evaluate.calibration import (
    BINS,
    expected_calibration_error,
    reliability,
)
from inference.lab.evaluate.curves import POINTS, curves_of


def binary(confidence):
    confidence = np.asarray(confidence)
    return np.stack([confidence, 1 - confidence], axis=1).astype(np.float32)


def test_the_error_is_the_gap_between_being_sure_and_being_right():
    found = reliability(binary([0.9] * 10), np.array([0] * 6 + [1] * 4))
    assert expected_calibration_error(found) == pytest.approx(0.3, abs=1e-5)
    assert np.isfinite(found.accuracy).sum() == 1


def test_a_field_that_counts_twice_is_as_good_as_two():
    probabilities, label = binary([0.9, 0.7, 0.7]), np.array([0, 1, 1])
    twice = reliability(probabilities[:2], label[:2], np.array([1.0, 2.0]))
    assert expected_calibration_error(twice) == pytest.approx(
        expected_calibration_error(reliability(probabilities, label))
    )


def test_certainty_lies_in_the_last_bin():
    found = reliability(binary([1.0, 1.0]), np.array([0, 0]))
    assert found.share[BINS - 1] == 1
    assert expected_calibration_error(found) == 0


def test_curves_begin_and_end_in_their_corners_and_are_short():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 5000)
    probabilities = binary(np.clip(rng.normal(0.5 + 0.2 * (label == 0), 0.2), 0, 1))
    curves = curves_of(label, probabilities, ["a", "b", "absent"][:2])
    for curve in curves["roc"].values():
        assert len(curve["sensitivity"]) <= POINTS
        assert (curve["sensitivity"][0], curve["false_positive_rate"][0]) == (0, 0)
        assert (curve["sensitivity"][-1], curve["false_positive_rate"][-1]) == (1, 1)
    assert sum(curves["reliability"]["share"]) == pytest.approx(1, abs=1e-3)
    json.dumps(curves, allow_nan=False)


def test_a_class_without_fields_has_no_curve():
    label = np.zeros(4, int)
    assert curves_of(label, binary([0.9] * 4), ["a", "b"])["roc"] == {}


def test_what_was_learned_in_each_round_is_kept():
    learned = {"fold 0": {"loss": [1.0, 0.5], "accuracy": [0.4, 0.81234567]}}
    curves = curves_of(np.array([0, 1]), binary([0.9, 0.2]), ["a", "b"], learned)
    assert curves["learning"]["fold 0"] == {"loss": [1.0, 0.5], "accuracy": [0.4, 0.8123]}
