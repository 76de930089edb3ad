from __future__ import annotations

import numpy as np
import pytest

from inference.engine.package import find_package
from inference.engine.training.loop import TrainingData, TrainingSettings, train
from inference.engine.zoo.registry import ARCHITECTURES, build

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


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_an_architecture_takes_crops_and_gives_logits(name):
    model = build(name, 48, 4)
    assert model.input_shape == (None, 48, 48, 3)
    assert model.output_shape == (None, 4)


def test_training_lowers_the_loss_and_tells_how_far_it_is(two_kinds):
    told = []
    train(two_kinds, QUICK, progress=lambda share, words: told.append((share, words)))
    losses = [float(words.rsplit(" ", 1)[1]) for _, words in told]
    assert np.mean(losses[-3:]) < losses[0]
    assert told[-1][0] == pytest.approx(1)


def test_a_run_killed_in_the_last_epoch_ends_with_the_same_model(two_kinds, tmp_path):
    whole = train(two_kinds, QUICK, checkpoint=tmp_path / "whole")

    def kill_late(share, words):
        if words.startswith("epoch 3"):
            raise Killed

    with pytest.raises(Killed):
        train(two_kinds, QUICK, checkpoint=tmp_path / "killed", progress=kill_late)
    epochs = []
    resumed = train(
        two_kinds,
        QUICK,
        checkpoint=tmp_path / "killed",
        progress=lambda share, words: epochs.append(words[:7]),
    )
    assert set(epochs) == {"epoch 3"}
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_a_checkpoint_of_other_settings_is_not_used(two_kinds, tmp_path):
    train(two_kinds, TrainingSettings(epochs=1, batch=16), checkpoint=tmp_path)
    epochs = set()
    train(
        two_kinds,
        TrainingSettings(epochs=1, batch=16, seed=8),
        checkpoint=tmp_path,
        progress=lambda share, words: epochs.add(words[:7]),
    )
    assert epochs == {"epoch 1"}


def test_the_committed_model_gives_the_same_answer_alone_and_in_a_crowd():
    from inference.engine.classifier import BATCH, CellClassifier

    classifier = CellClassifier(find_package())
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 255, (BATCH + 3, 48, 48, 3), dtype=np.uint8)
    together = classifier.logits(crops)
    assert together.shape == (BATCH + 3, classifier.classes)
    np.testing.assert_allclose(together[-1:], classifier.logits(crops[-1:]), atol=1e-4)
    assert classifier.logits(crops[:0]).shape == (0, classifier.classes)
