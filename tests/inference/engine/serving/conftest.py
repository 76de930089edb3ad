"""Tiny networks of both kinds, and packages that hold their weights."""

from __future__ import annotations

import pytest

from inference.engine.package import read_package
from inference.engine.serving import kept
from inference.engine.zoo import registry
from tests.inference.engine.packages import CLASSES, write_package

SIDE = 16


@pytest.fixture(autouse=True)
def _keep_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_folder", [])


@pytest.fixture(scope="session")
def plain_network():
    """Crops in, logits out."""
    return _tiny(with_evidence=False)


@pytest.fixture(scope="session")
def evidence_network():
    """Crops in; class maps, attention and embedding out."""
    return _tiny(with_evidence=True)


@pytest.fixture
def package(tmp_path, plain_network, monkeypatch):
    """A field model whose architecture is the tiny plain network."""
    return packaged(tmp_path / "models" / "1.0.0", plain_network, monkeypatch)


def packaged(folder, network, monkeypatch):
    monkeypatch.setattr(registry, "build", lambda name, side, classes: _same(network))
    return read_package(
        write_package(
            folder,
            [weight.astype("float16").astype("float32") for weight in network.get_weights()],
            crops={"side": SIDE, "window": 1.4, "rim": 0.05},
        )
    )


def _same(network):
    import keras

    return keras.models.clone_model(network)


def _tiny(*, with_evidence):
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    crop = keras.Input((SIDE, SIDE, 3))
    x = layers.Rescaling(1 / 255)(crop)
    x = layers.Conv2D(6, 3, strides=4, padding="same", activation="relu")(x)
    evidence = layers.Conv2D(len(CLASSES), 1, name="map")(x)
    if not with_evidence:
        return keras.Model(crop, layers.GlobalAveragePooling2D()(evidence))
    embedding = layers.GlobalAveragePooling2D()(x)
    attention = layers.Dense(1)(embedding)
    return keras.Model(crop, {"map": evidence, "attention": attention, "embedding": embedding})
