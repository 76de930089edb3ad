"""What holds for every whole-field architecture."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from inference.lab.zoo.presets import PRESETS
from inference.lab.zoo.registry import build, preset_of
from inference.lab.zoo.transfer import FEATURES, feature_extractor

FIELDS = sorted(PRESETS)
LARGEST = ("densenet201", "densenet201_features", "nasnet_mobile", "voting")
CLASSES = 3
COUNTED = [name for name in FIELDS if preset_of(name).counts]


def marked(name):
    return pytest.param(name, marks=pytest.mark.long) if name in LARGEST else name


@pytest.fixture(scope="module", params=[marked(name) for name in FIELDS])
def built(request):
    """Name, model at the smallest side that the preset allows, a batch of noise, labels."""
    keras.utils.set_random_seed(3)
    side = preset_of(request.param).smallest_side
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (4, side, side, 3)).astype(np.float32)
    label = np.eye(CLASSES, dtype=np.float32)[[0, 1, 2, 1]]
    yield request.param, build(request.param, side, CLASSES), pixels, label
    keras.backend.clear_session()


def test_it_takes_pictures_and_gives_float_logits(built):
    name, model, pixels, _ = built
    side = preset_of(name).smallest_side
    assert model.input_shape == (None, side, side, 3)
    assert model.output_shape == (None, CLASSES)
    found = np.asarray(model(pixels, training=False))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_pixels_are_scaled_to_one_inside_the_model(built):
    _, model, _, _ = built
    scales = [layer.scale for layer in model._flatten_layers() if type(layer) is layers.Rescaling]
    assert 1 / 255 in scales


def test_what_is_saved_and_loaded_answers_alike(built, tmp_path):
    _, model, pixels, _ = built
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        np.asarray(again(pixels, training=False)),
        np.asarray(model(pixels, training=False)),
        atol=1e-4,
    )


def test_one_training_step_lowers_the_loss(built):
    _, model, pixels, label = built
    for layer in model._flatten_layers():
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0  # or chance, not learning, would decide
    model.compile(
        keras.optimizers.Adam(1e-4),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        run_eagerly=True,  # tracing hundreds of layers takes longer than one step
    )
    before = float(model.train_on_batch(pixels, label, return_dict=True)["loss"])
    after = float(model.loss(label, model(pixels, training=True)))
    assert after < before


@pytest.mark.parametrize("name", COUNTED)
def test_the_parameters_are_those_that_the_paper_prints(name):
    preset = preset_of(name)
    frozen = {"frozen": True} if preset.pretrained else {}
    model = build(name, preset.side, preset.classes, **frozen)
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    total = model.count_params()
    keras.backend.clear_session()
    assert (total, trainable, total - trainable) == (
        preset.counts.total,
        preset.counts.trainable,
        preset.counts.frozen,
    )


@pytest.mark.long
def test_densenet_features_are_1920_numbers_and_only_the_last_layer_learns():
    model = build("densenet201_features", 32, 4)
    assert feature_extractor(model).output_shape == (None, 1920)
    assert [tuple(weight.shape) for weight in model.trainable_weights] == [(1920, 4), (4,)]


def test_the_layers_of_the_convnet_are_those_of_the_paper():
    kinds = [type(layer) for layer in build("convnet", 224, 4).layers]
    expected = {layers.Conv2D: 4, layers.MaxPooling2D: 3, layers.Dropout: 2, layers.Flatten: 1}
    assert {kind: kinds.count(kind) for kind in expected} == expected
    assert kinds.count(layers.Dense) == 1


def test_the_convnet_is_cheap_enough_for_small_machines():
    assert multiply_adds(build("convnet", 224, 4)) <= 60e6


def test_the_flatten_of_allnet_is_what_its_dense_layer_proves():
    assert build("allnet", 450, 2).get_layer(FEATURES).output.shape[1] == 18_432


def multiply_adds(model):
    """Of one picture, convolutions and dense layers only."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            places = np.prod(layer.output.shape[1:3])
            total += int(places * np.prod(layer.kernel.shape))
        if isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total
