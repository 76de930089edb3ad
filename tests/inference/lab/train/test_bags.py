from __future__ import annotations

import numpy as np
import pytest

from inference.engine.field_head import attention_weights
from inference.engine.package import PackageInvalid, load_weights, read_package, save_weights
from inference.engine.serving.runtime import compile_model
from inference.engine.sizes import CropSettings
from inference.engine.types import CellScores
from inference.engine.zoo.registry import build, names
from inference.lab.train import encoder as encoders
from inference.lab.train.bags import train_bags
from inference.lab.train.settings import TrainingData, TrainingSettings

QUICK = TrainingSettings(epochs=40)
CELLS = 400


@pytest.fixture(scope="module")
def two_kinds():
    """Dark and pale squares: two classes that a few steps can tell apart."""
    rng = np.random.default_rng(0)
    label = np.arange(CELLS) % 2
    crops = np.zeros((CELLS, 48, 48, 3), np.uint8)
    level = np.where(label, 160, 60)[:, None, None, None]
    crops[:, 12:36, 12:36] = level + rng.integers(-20, 20, (CELLS, 24, 24, 3))
    field = (np.arange(CELLS) // 4 * 2 + label).astype(np.int32)
    return TrainingData(crops, label.astype(np.int64), field, 2)


@pytest.fixture(scope="module")
def trained(two_kinds):
    """A model, and what its training told."""
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders, "PATCHES", 1500)
        model = train_bags(two_kinds, QUICK, lambda share, words: told.append((share, words)))
    return model, told


@pytest.mark.parametrize("name", names("cell"))
def test_an_architecture_takes_crops_and_gives_logits(name):
    model = build(name, 48, 4)
    assert model.input_shape == (None, 48, 48, 3)
    assert model.output_shape == (None, 4)


def test_training_lowers_the_loss_and_tells_how_far_it_is(trained):
    model, told = trained
    assert model.history["loss"][-1] < model.history["loss"][0]
    assert told[-1][0] == pytest.approx(1)


def test_fields_of_two_kinds_are_told_apart(trained, two_kinds):
    model, _ = trained
    fields = np.unique(two_kinds.field)
    scores = model.fields(model.cells(two_kinds.crops), two_kinds.field, fields)
    assert (scores.argmax(axis=1) == fields % 2).all()


def test_a_field_without_cells_gets_equal_scores(trained, two_kinds):
    model, _ = trained
    nobody = np.array([999], np.intp)
    assert model.fields(model.cells(two_kinds.crops), two_kinds.field, nobody).tolist() == [[0, 0]]


def test_the_shipped_network_says_what_the_trained_model_said(trained, two_kinds):
    model, _ = trained
    forward = compile_model(model.network(48))
    shipped, said = forward(two_kinds.crops[:8]), model.cells(two_kinds.crops[:8])
    np.testing.assert_allclose(shipped["map"].mean(axis=(1, 2)), said.logits, atol=1e-3)
    np.testing.assert_allclose(shipped["attention"][:, 0], said.attention, atol=1e-3)
    np.testing.assert_allclose(shipped["embedding"], said.embedding, atol=1e-3)


def test_the_evidence_is_the_gradient_times_the_answer(trained, two_kinds):
    """Against a gradient taken by TensorFlow, not written out."""
    import keras
    import tensorflow as tf

    model, _ = trained
    network = model.network(48)
    crops = tf.constant(two_kinds.crops[:2].astype(np.float32))
    answer = network.get_layer("evidence").output
    inner = keras.Model(network.input, [*network.get_layer("evidence").input, answer])
    answers, inside, features, _, evidence = inner(crops)
    heads = [network.get_layer(name) for name in ("project", "hidden", "logits")]
    places = tf.reduce_sum(inside, axis=(1, 2)) + 1e-3
    with tf.GradientTape() as tape:
        mean = tf.reduce_sum(answers * inside, axis=(1, 2)) / places
        tape.watch(mean)
        seen = tf.concat([tf.sqrt(mean), features[:, mean.shape[1] :]], axis=1)
        logits = heads[2](tf.nn.relu(heads[1](heads[0](seen))))[:, 1]
    slope = tape.gradient(logits, mean)
    live = tf.cast(features[:, : mean.shape[1]] > 1e-3, tf.float32)
    expected = tf.einsum("nhwf,nf->nhw", answers * inside, slope * live)
    np.testing.assert_allclose(evidence[..., 1], expected, rtol=1e-2, atol=1e-3)


def test_the_same_seed_gives_the_same_filters(two_kinds, monkeypatch):
    monkeypatch.setattr(encoders, "PATCHES", 1500)
    one, views = encoders.learn_encoder(two_kinds.crops, seed=3)
    other, _ = encoders.learn_encoder(two_kinds.crops, seed=3)
    np.testing.assert_allclose(one.banks[0][0], other.banks[0][0])
    assert views.shape == (len(encoders.VIEWS), CELLS, 448)
    np.testing.assert_allclose(encoders.encode(one, two_kinds.crops), views[0], atol=1e-2)


def test_cells_without_stain_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="too few stained pixels"):
        encoders.learn_encoder(np.zeros((3, 48, 48, 3), np.uint8), seed=0)


def test_cut_cells_have_no_say_and_the_rest_share_it():
    scores = CellScores(
        np.zeros((3, 2), np.float32),
        np.array([0.0, 5.0, 0.0], np.float32),
        np.zeros((3, 0), np.float32),
        np.zeros((3, 0, 0, 2), np.float32),
    )
    weights = attention_weights(scores, np.array([True, False, True]))
    assert weights.tolist() == [0.5, 0.0, 0.5]
    assert attention_weights(scores, np.zeros(3, bool)).tolist() == [0.0, 0.0, 0.0]


def test_crop_settings_of_the_model_are_those_it_was_trained_with():
    assert CropSettings().side == 48


def test_weights_that_are_not_numbers_are_refused(tmp_path):
    from tests.inference.engine.packages import write_package

    write_package(tmp_path / "m", [np.array([np.nan], np.float32)])
    with pytest.raises(PackageInvalid, match="not numbers"):
        load_weights(read_package(tmp_path / "m"))
    assert save_weights(tmp_path / "w.npz", [np.zeros(2, np.float32)])
