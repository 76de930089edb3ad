from __future__ import annotations

import json

import numpy as np
import pytest

from inference.engine.package import PackageInvalid
from inference.engine.serving import check, exports
from inference.engine.serving.check import verify_export
from inference.engine.serving.parity import MOST_DIFFERENCE, Parity, parity, require
from tests.inference.engine.serving.conftest import SIDE, packaged

CROPS = np.zeros((3, SIDE, SIDE, 3), np.uint8)


class Says:
    """A forward pass that gives every crop the same logits."""

    def __init__(self, logits):
        self.row = np.array(logits, np.float32)

    def __call__(self, crops):
        return {"output": np.tile(self.row, (len(crops), 1))}


def test_equal_answers_are_parity(package):
    found = parity(package, Says([1, 2, 3, 4]), Says([1, 2, 3, 4]), CROPS)
    assert found == Parity(0.0, True, 3)
    assert require(found, package) is found


def test_a_probability_that_moved_is_refused_with_the_limit(package):
    found = parity(package, Says([1, 2, 3, 4]), Says([1, 2, 3, 4.01]), CROPS)
    assert found.max_probability_difference > MOST_DIFFERENCE
    with pytest.raises(PackageInvalid, match="allowed: less than 0.001"):
        require(found, package)


def test_another_decision_is_refused_however_close_the_probabilities(package):
    # The coverage is 0.9: on one side of it one class is enough, on the other two are needed.
    edge = float(np.log(0.9 / (0.1 / 3)))
    found = parity(package, Says([edge + 1e-4, 0, 0, 0]), Says([edge - 1e-4, 0, 0, 0]), CROPS)
    assert found.max_probability_difference < MOST_DIFFERENCE
    assert not found.decisions_equal
    with pytest.raises(PackageInvalid, match="other decisions"):
        require(found, package)


def test_no_crop_proves_nothing(package):
    with pytest.raises(PackageInvalid, match="on 0 cells"):
        require(parity(package, Says([1, 2, 3, 4]), Says([1, 2, 3, 4]), CROPS[:0]), package)


def test_attention_that_moved_is_seen(tmp_path, evidence_network, monkeypatch):
    package = packaged(tmp_path / "1.0.0", evidence_network, monkeypatch)
    same = {"map": np.zeros((3, 4, 4, 4), np.float32), "embedding": np.zeros((3, 6), np.float32)}

    def says(*attention):
        column = np.array(attention, np.float32)[:, None]
        return lambda crops: {**same, "attention": column}

    assert parity(package, says(0, 0, 1), says(0, 0, 1), CROPS).shown
    assert not parity(package, says(0, 0, 1), says(1, 0, 0), CROPS).shown


@pytest.fixture
def one_small_field(monkeypatch):
    monkeypatch.setattr(check, "DRAWN", 1)
    monkeypatch.setenv("TELEPATH_DATA", "/nowhere")


def test_the_record_of_a_good_export_is_plain_data(package, tmp_path, one_small_field):
    found = verify_export(package, tmp_path / "exports")
    assert json.loads(json.dumps(found)) == found
    assert found["passed"] is True
    assert found["crops"] > 0
    assert found["fields"] == {"drawn": 1, "real": 0}
    assert found["max_probability_difference"] < MOST_DIFFERENCE


def test_an_export_of_other_weights_is_refused(package, tmp_path, one_small_field, monkeypatch):
    original = exports.write_ir

    def spoilt(model, folder):
        model.set_weights([weight * 1.5 for weight in model.get_weights()])
        original(model, folder)
        model.set_weights([weight / 1.5 for weight in model.get_weights()])

    monkeypatch.setattr(exports, "write_ir", spoilt)
    with pytest.raises(PackageInvalid, match="does not answer as the trained model does"):
        verify_export(package, tmp_path / "exports")
