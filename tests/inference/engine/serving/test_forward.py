"""Both runtimes answer as the Keras model does, for any number of pictures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inference.engine.classifier import scores_of
from inference.engine.serving.check import trained_network
from inference.engine.serving.forward import WrongInput
from inference.engine.serving.gpu import GpuForward
from inference.engine.serving.runtime import OUTPUT, compile_model
from tests.inference.engine.serving.conftest import SIDE


def crops(count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def reference(network, given):
    """What Keras says; it cannot take no picture at all, so it always gets one more."""
    padded = np.concatenate([given, crops(1)]).astype(np.float32)
    return trained_network(network)(padded)[OUTPUT][: len(given)]


@pytest.fixture(scope="session")
def on_processor(plain_network):
    return compile_model(plain_network, batches=(2, 8))


@pytest.mark.parametrize("count", [0, 1, 5, 19])
def test_the_processor_path_equals_the_model(on_processor, plain_network, count):
    given = crops(count)
    wanted = reference(plain_network, given)
    answer = on_processor(given)[OUTPUT]
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, wanted, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 5, 19])
def test_the_gpu_path_equals_the_model(plain_network, count):
    given = crops(count)
    wanted = reference(plain_network, given)
    np.testing.assert_allclose(GpuForward(plain_network, (8,))(given)[OUTPUT], wanted, atol=1e-5)


def test_named_outputs_keep_their_names_and_the_mean_of_the_map_is_the_logits(evidence_network):
    given = crops(3)
    wanted = trained_network(evidence_network)(given.astype(np.float32))
    answer = compile_model(evidence_network, batches=(4,))(given)
    assert set(answer) == {"map", "attention", "embedding"}
    for name, values in wanted.items():
        np.testing.assert_allclose(answer[name], values, atol=1e-5)
    scores = scores_of(answer)
    np.testing.assert_allclose(scores.logits, scores.maps.mean(axis=(1, 2)))
    assert scores.attention.shape == (3,)


def test_an_answer_does_not_depend_on_the_company(on_processor):
    together = on_processor(crops(11))[OUTPUT]
    alone = [on_processor(one[None])[OUTPUT][0] for one in crops(11)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_an_answer_is_kept_when_the_next_is_computed(on_processor):
    first = on_processor(crops(2, seed=1))[OUTPUT]
    before = first.copy()
    on_processor(crops(2, seed=2))
    np.testing.assert_array_equal(first, before)


def test_threads_do_not_mix_their_pictures(on_processor):
    given = [crops(5, seed=seed) for seed in range(12)]
    alone = [on_processor(one)[OUTPUT] for one in given]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: on_processor(one)[OUTPUT], given))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_pictures_of_another_size_are_refused_with_a_sentence(on_processor):
    with pytest.raises(WrongInput, match=r"takes pictures of shape \(16, 16, 3\), not \(8, 8, 3\)"):
        on_processor(np.zeros((1, 8, 8, 3), np.uint8))


def test_a_network_for_any_size_keeps_only_few_sizes_compiled(monkeypatch):
    import keras
    from keras import layers

    from inference.engine.serving import cpu

    monkeypatch.setattr(cpu, "MOST_SHAPES", 2)
    picture = keras.Input((None, None, 3))
    model = keras.Model(picture, layers.Conv2D(1, 3, padding="same")(picture))
    forward = compile_model(model, batches=(1,))
    for side in (8, 12, 16, 8):
        given = np.random.default_rng(side).random((1, side, side + 4, 3), np.float32)
        wanted = keras.ops.convert_to_numpy(model(given))
        np.testing.assert_allclose(forward(given)[OUTPUT], wanted, atol=1e-5)
    assert len(forward._requests) == 2
