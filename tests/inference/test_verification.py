"""A package is registered only when its network is whole and its export answers as it does."""

from __future__ import annotations

import numpy as np
import pytest

from inference.engine.serving import check
from inference.engine.serving.parity import Parity
from inference.models import ModelVersion
from inference.services.registry import model_activate, model_register
from telepath.core.errors import Invalid
from tests.inference.conftest import SYSTEM
from tests.inference.engine.packages import CLASSES, write_package

pytestmark = pytest.mark.django_db
CROPS = {"side": 48, "window": 1.4, "rim": 0.05}


@pytest.fixture(scope="module")
def weights():
    """Of a network that nobody trained; small numbers, so that float16 holds them."""
    from inference.engine.zoo.cell_cnn import build

    return build(CROPS["side"], len(CLASSES)).get_weights()


@pytest.fixture
def exports(settings, tmp_path, monkeypatch):
    """The real check, on drawn cells only."""
    monkeypatch.setenv("TELEPATH_DATA", str(tmp_path / "no-data"))
    settings.MODEL_VERIFIER = "inference.services.verification.verify"
    settings.MODEL_EXPORTS = str(tmp_path / "exports")
    return tmp_path / "exports"


def register(packages, arrays, **card):
    folder = write_package(packages / "drawn" / "1.0.0", arrays, **card)
    return model_register(actor=SYSTEM, folder=folder).model


def test_the_export_is_made_and_held_against_the_network(packages, exports, weights):
    model = register(packages, weights, audit={"passed": True, "failed": []})
    assert model.parity_shown
    assert model.parity["decisions_equal"] is True
    assert model.parity["max_probability_difference"] < model.parity["limit"]
    assert model.parity["fields"] == {"drawn": 4, "real": 0}
    assert any(exports.glob("*/model.xml"))
    assert model_activate(actor=SYSTEM, model=model).status == "active"


def not_a_number(weights):
    return [*weights[:-1], np.full_like(weights[-1], np.nan)]


def a_class_fewer(weights):
    return [*weights[:-2], weights[-2][:, :3], weights[-1][:3]]


def a_layer_fewer(weights):
    return weights[:-2]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (not_a_number, "values that are not numbers"),
        (a_class_fewer, "do not fit the architecture"),
        (a_layer_fewer, "do not fit the architecture"),
    ],
)
def test_weights_that_are_not_those_of_the_card_leave_nothing_behind(
    packages, exports, weights, spoil, sentence
):
    with pytest.raises(Invalid, match=rf"{sentence}.*Nothing was changed"):
        register(packages, spoil(weights))
    assert not ModelVersion.objects.exists()
    assert not exports.exists()


def test_an_input_size_that_the_network_cannot_take_leaves_nothing_behind(
    packages, exports, weights
):
    with pytest.raises(Invalid, match=r"crops of 4 px.*Nothing was changed"):
        register(packages, weights, crops={**CROPS, "side": 4})
    assert not ModelVersion.objects.exists()


def test_an_unknown_architecture_leaves_nothing_behind(packages, exports, weights):
    with pytest.raises(Invalid, match="no_such_net"):
        register(packages, weights, architecture="no_such_net")
    assert not ModelVersion.objects.exists()


def test_an_export_that_decides_otherwise_leaves_nothing_behind(
    packages, exports, weights, monkeypatch
):
    monkeypatch.setattr(check, "parity", lambda *_: Parity(0.2, decisions_equal=False, crops=9))
    with pytest.raises(Invalid, match=r"other decisions.*Nothing was changed"):
        register(packages, weights)
    assert not ModelVersion.objects.exists()
