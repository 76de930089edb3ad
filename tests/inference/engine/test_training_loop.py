from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.engine.package import find_package
from inference.engine.training.loop import (
    TrainingData,
    TrainingSettings,
    _compiled,
    _resume,
    train,
)
from inference.engine.zoo.registry import build, names

QUICK = TrainingSettings(epochs=3, batch=16, cells_per_field=3)


@pytest.fixture(scope="module")
def two_kinds():
    """Dark and pale squares: two classes that a few steps can tell apart."""
    rng = np.random.default_rng(0)
    label = np.arange(48) % 2
    crops = np.zeros((48, 48, 48, 3), np.uint8)
    level = np.where(label, 160, 60)[:, None, None, None]
    crops[:, 12:36, 12:36] = level + rng.integers(-20, 20, (48, 24, 24, 3))
    return TrainingData(crops, label.astype(np.int64), (np.arange(48) // 2).astype(np.int32), 2)


class Killed(Exception):
    """Stands for a kill: nothing after it runs."""


@pytest.mark.parametrize("name", names("cell"))
def test_an_architecture_takes_crops_and_gives_logits(name):
    model = build(name, 48, 4)
    assert model.input_shape == (None, 48, 48, 3)
    assert model.output_shape == (None, 4)


@pytest.fixture(scope="module")
def whole_run(two_kinds, tmp_path_factory):
    """A run that was not disturbed: its model, what it told, its checkpoint."""
    told, checkpoint = [], tmp_path_factory.mktemp("whole")
    tell = lambda share, words: told.append((share, words))  # noqa: E731
    return train(two_kinds, QUICK, checkpoint=checkpoint, progress=tell), told, checkpoint


def test_training_lowers_the_loss_and_tells_how_far_it_is(whole_run):
    _, told, _ = whole_run
    losses = [float(words.rsplit(" ", 1)[1]) for _, words in told]
    assert np.mean(losses[-3:]) < losses[0]
    assert told[-1][0] == pytest.approx(1)


def test_a_run_killed_in_the_last_epoch_ends_with_the_same_model(two_kinds, whole_run, tmp_path):
    def kill_late(share, words):
        if words.startswith("epoch 3"):
            raise Killed

    with pytest.raises(Killed):
        train(two_kinds, QUICK, checkpoint=tmp_path, progress=kill_late)
    epochs = set()
    tell = lambda share, words: epochs.add(words[:7])  # noqa: E731
    resumed = train(two_kinds, QUICK, checkpoint=tmp_path, progress=tell)
    assert epochs == {"epoch 3"}
    for one, other in zip(whole_run[0].get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_a_finished_run_is_not_trained_again_but_one_of_other_settings_is(two_kinds, whole_run):
    _, _, checkpoint = whole_run
    other = replace(QUICK, seed=QUICK.seed + 1)
    assert _resume(_compiled(two_kinds, QUICK), QUICK, checkpoint) == QUICK.epochs
    assert _resume(_compiled(two_kinds, other), other, checkpoint) == 0


def test_the_committed_model_gives_the_same_answer_alone_and_in_a_crowd():
    from inference.engine.classifier import CellClassifier

    classifier = CellClassifier(find_package())
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 255, (35, 48, 48, 3), dtype=np.uint8)
    together = classifier.logits(crops)
    assert together.shape == (35, classifier.classes)
    np.testing.assert_allclose(together[-1:], classifier.logits(crops[-1:]), atol=1e-4)
    assert classifier.logits(crops[:0]).shape == (0, classifier.classes)
