from __future__ import annotations

import keras
import numpy as np
import pytest

from inference.engine.pooling import softmax
from inference.lab.zoo import voting
from inference.lab.zoo.registry import build
from inference.lab.zoo.votes import averaged, majority, weighted

TWO_AGAINST_A_SURE_ONE = np.array([[[0.6, 0.4]], [[0.6, 0.4]], [[0.0, 1.0]]], np.float32)


def test_two_of_three_win_the_majority_and_lose_the_average():
    assert majority(TWO_AGAINST_A_SURE_ONE).tolist() == [0]
    np.testing.assert_allclose(averaged(TWO_AGAINST_A_SURE_ONE), [[0.4, 0.6]], atol=1e-6)


def test_a_tie_goes_to_the_class_that_is_believed_most():
    three_ways = np.array([[[0.5, 0.3, 0.2]], [[0.1, 0.8, 0.1]], [[0.3, 0.3, 0.4]]], np.float32)
    assert majority(three_ways).tolist() == [1]


def test_weights_shift_the_vote_and_equal_ones_do_not():
    np.testing.assert_allclose(
        weighted(TWO_AGAINST_A_SURE_ONE, [2, 2, 2]), averaged(TWO_AGAINST_A_SURE_ONE), atol=1e-6
    )
    np.testing.assert_allclose(weighted(TWO_AGAINST_A_SURE_ONE, [1, 0, 0]), [[0.6, 0.4]])


@pytest.mark.parametrize("weights", [[1, 1], [0, 0, 0], [1, 1, -1]])
def test_odd_weights_are_refused(weights):
    with pytest.raises(ValueError, match="one weight for each model"):
        weighted(TWO_AGAINST_A_SURE_ONE, weights)


@pytest.mark.parametrize("votes", [np.zeros((2, 3)), np.full((2, 1, 2), 0.7), np.zeros((0, 1, 2))])
def test_what_is_no_probability_is_refused(votes):
    with pytest.raises(ValueError, match="A vote needs probabilities"):
        majority(votes)


def test_the_ensemble_as_one_model_is_the_average_of_its_members(monkeypatch):
    keras.utils.set_random_seed(5)
    monkeypatch.setattr(voting, "VOTERS", ("mobilenet", "xception"))
    model = build("voting", 75, 2)
    picture = np.random.default_rng(5).integers(0, 256, (2, 75, 75, 3)).astype(np.float32)
    members = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    apart = np.stack([softmax(np.asarray(member(picture, training=False))) for member in members])
    assert len(members) == 2
    np.testing.assert_allclose(
        softmax(np.asarray(model(picture, training=False))), averaged(apart), atol=1e-5
    )
