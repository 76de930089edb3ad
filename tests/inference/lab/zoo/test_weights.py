"""ImageNet weights from a local folder, in the very form in which Keras hands them out."""

from __future__ import annotations

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from inference.lab.zoo.bases import BASES
from inference.lab.zoo.presets import BuildRefused
from inference.lab.zoo.registry import build


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a file like Keras's own, its weights drawn at random."""
    path = tmp_path_factory.mktemp("imagenet")
    keras.utils.set_random_seed(11)
    base = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(64, 64, 3))
    with h5py.File(path / BASES["mobilenet"].file, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, base)
    return path, base.get_weights()


def test_the_base_takes_the_weights_of_the_file_at_any_side(folder):
    path, expected = folder
    base = build("mobilenet", 32, 4, weights=path, frozen=True).layers[2]
    assert len(base.get_weights()) == len(expected)
    for mine, theirs in zip(base.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert not base.trainable_weights


def test_an_absent_file_is_a_sentence_that_names_it(folder):
    with pytest.raises(BuildRefused, match="There is no vgg19_weights.* Put the file there"):
        build("vgg19", 32, 4, weights=folder[0])


@pytest.mark.parametrize("content", [b"", b"not a file of weights", None])
def test_a_file_of_something_else_is_a_sentence(folder, tmp_path, content):
    if content is None:  # the weights of another architecture
        content = (folder[0] / BASES["mobilenet"].file).read_bytes()
    name = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BuildRefused, match=f"{name} does not hold the weights of resnet50"):
        build("resnet50", 32, 4, weights=tmp_path)
