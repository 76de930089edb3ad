from __future__ import annotations

import numpy as np
import pytest

from inference.engine.classifier import CellClassifier
from inference.engine.package import PackageInvalid, read_package
from tests.inference.engine.packages import write_package
from tests.inference.engine.serving.conftest import SIDE, packaged

CROPS = np.full((5, SIDE, SIDE, 3), 80, np.uint8)


def test_a_network_without_evidence_gives_logits_and_empty_evidence(package):
    scores = CellClassifier(package).scores(CROPS)
    assert scores.logits.shape == (5, 4)
    assert scores.attention.tolist() == [0] * 5
    assert (scores.embedding.shape, scores.maps.shape) == ((5, 0), (5, 0, 0, 4))


def test_a_network_with_evidence_gives_all_of_it(tmp_path, evidence_network, monkeypatch):
    package = packaged(tmp_path / "1.0.0", evidence_network, monkeypatch)
    scores = CellClassifier(package).scores(CROPS)
    assert (scores.logits.shape, scores.maps.shape) == ((5, 4), (5, 4, 4, 4))
    assert (scores.attention.shape, scores.embedding.shape) == ((5,), (5, 6))


def test_no_cell_gives_no_score_of_the_right_width(package):
    scores = CellClassifier(package).scores(CROPS[:0])
    assert (len(scores), scores.logits.shape) == (0, (0, 4))


def test_weights_of_another_network_are_refused(package):
    other = read_package(write_package(package.path.parent / "2.0.0", [np.zeros(3, np.float32)]))
    with pytest.raises(PackageInvalid, match="do not fit the architecture"):
        CellClassifier(other)


def test_a_network_that_returns_other_classes_is_refused(package):
    with pytest.raises(PackageInvalid, match="does not return scores of its 4 classes"):
        CellClassifier(package, lambda crops: {"output": np.zeros((len(crops), 3), np.float32)})
