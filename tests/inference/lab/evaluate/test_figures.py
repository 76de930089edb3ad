from __future__ import annotations

import numpy as np

from inference.lab.evaluate.figures import TOO_FEW, answers, confusion, figures, guesses
from inference.lab.evaluate.metrics import metrics_of
from inference.lab.evaluate.splits import as_table
from inference.lab.train.rounds import HeldOut, calibration_rounds


def held_out(scores, cells=None, rounds=None):
    n = len(scores)
    return HeldOut(
        fields=np.arange(n),
        scores=np.asarray(scores, np.float32),
        cells=np.full(n, 5) if cells is None else np.asarray(cells),
        round=np.zeros(n, np.int64) if rounds is None else np.asarray(rounds),
        cell_scores=np.zeros((0, np.shape(scores)[1]), np.float32),
        cell_field=np.zeros(0, np.int32),
    )


def test_no_round_sets_its_own_threshold():
    for others, mine in calibration_rounds(held_out(np.zeros((9, 2)), rounds=[0, 1, 2] * 3)):
        assert not (others & mine).any()
        assert mine.sum() == 3


def test_a_single_round_is_calibrated_on_its_other_half():
    parts = list(calibration_rounds(held_out(np.zeros((10, 2)))))
    assert [mine.sum() for _, mine in parts] == [5, 5]


def test_a_malignant_field_called_benign_is_counted_as_missed():
    label, guess = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 0])
    decision, everywhere = np.array([0, 0, 1, TOO_FEW]), np.ones(4, bool)
    assert figures(label, guess, decision, 0, everywhere) == {
        "fields": 4,
        "accuracy": 0.5,
        "decided": 0.75,
        "decided_wrong": 0.25,
        "malignant_decided_benign": 0.25,
        "insufficient": 0.25,
        "accuracy_of_decided": 0.6667,
    }
    nobody = figures(label, guess, np.full(4, TOO_FEW), None, everywhere)
    assert nobody["accuracy_of_decided"] is None
    assert "malignant_decided_benign" not in nobody


def test_fields_without_enough_cells_are_never_decided():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 200)
    scores = 5 * np.eye(2)[label] + rng.normal(0, 0.1, (200, 2))
    cells = np.where(np.arange(200) % 4 == 0, 1, 5)
    said = answers(held_out(scores, cells), label, minimum_cells=2)
    assert (said.decision[cells == 1] == TOO_FEW).all()
    assert (said.decision[cells == 5] == label[cells == 5]).mean() > 0.9
    assert said.sets[np.arange(200), label].mean() > 0.95
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_field_without_a_cell_is_wrong_in_every_figure():
    label, nothing = np.array([0, 0, 1, 1]), np.zeros((4, 2))
    found = held_out(nothing + [0.0, 1e-3], cells=[0, 5, 0, 5])
    said, everywhere = guesses(found, label), np.ones(4, bool)
    assert said.tolist() == [1, 1, 0, 1]
    plain = figures(label, said, np.full(4, TOO_FEW), 0, everywhere)
    groups, even = np.arange(4), np.full((4, 2), 0.5)
    report = metrics_of(label, even, groups, ("Benign", "Pre"), guesses=said, draws=5)
    assert plain["accuracy"] == report["overall"]["accuracy"]["value"] == 0.25


def test_the_confusion_table_has_truth_in_rows():
    table = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), ["a", "b"])
    assert table == [[1, 1], [0, 1]]


def test_the_table_shows_the_weak_groups_too():
    row = {
        "fields": 10,
        "accuracy": 0.5,
        "background_only_accuracy": 0.9,
        "decided": 0.2,
        "decided_wrong": 0.1,
        "malignant_decided_benign": 0.0,
        "insufficient": 0.1,
    }
    report = {"split": "appearance_group", "all": row, "groups": {"10 (Early)": row}, "rounds": {}}
    assert "whole field" not in as_table(report)
    row["whole_field_accuracy"] = 0.65
    table = as_table(report)
    assert "65.0 %" in table
    assert "10 (Early)" in table
    assert "90.0 %" in table
