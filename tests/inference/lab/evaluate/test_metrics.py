from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as reference

from inference.lab.evaluate.figures import NO_DECISION, TOO_FEW
from inference.lab.evaluate.metrics import metrics_of

CLASSES = ("Benign", "Early", "Pre")


def fields(n=300, seed=0, sure=1.5):
    """Labels, probabilities that are often right, and five groups of one class each."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % 15
    label = group % 3
    raw = rng.normal(0, 1, (n, 3)) + sure * np.eye(3)[label]
    raw[group == 4] -= 2 * np.eye(3)[label[group == 4]]
    probabilities = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return label, probabilities.astype(np.float32), group


def values(report):
    return {name: figure["value"] for name, figure in report["overall"].items()}


def test_figures_are_those_of_scikit_learn():
    label, probabilities, group = fields()
    guess = probabilities.argmax(axis=1)
    report = metrics_of(label, probabilities, group, CLASSES, draws=20)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        label, guess, average="macro"
    )
    expected = {
        "accuracy": reference.accuracy_score(label, guess),
        "precision_macro": precision,
        "recall_macro": recall,
        "f1_macro": f1,
        "mcc": reference.matthews_corrcoef(label, guess),
        "kappa": reference.cohen_kappa_score(label, guess),
        "auc_macro": reference.roc_auc_score(label, probabilities, multi_class="ovr"),
    }
    found = values(report)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)


def test_specificity_is_the_share_of_other_classes_not_taken_for_this_one():
    label, probabilities, group = fields()
    guess = probabilities.argmax(axis=1)
    report = metrics_of(label, probabilities, group, CLASSES, draws=20)
    expected = (guess[label != 1] != 1).mean()
    assert report["per_class"]["Early"]["specificity"]["value"] == pytest.approx(expected, abs=1e-4)


def test_an_interval_holds_its_value_and_is_the_same_for_the_same_seed():
    one, again, other = (metrics_of(*fields(), CLASSES, draws=60, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    for name, figure in one["overall"].items():
        assert figure["low"] <= figure["value"] <= figure["high"], name


def test_groups_are_drawn_and_not_fields():
    label, probabilities, group = fields()
    by_group = metrics_of(label, probabilities, group, CLASSES, draws=200)["overall"][
        "recall_macro"
    ]
    by_field = metrics_of(label, probabilities, np.arange(300), CLASSES, draws=200)["overall"][
        "recall_macro"
    ]
    width = {id(one): one["high"] - one["low"] for one in (by_group, by_field)}
    assert width[id(by_group)] > 1.5 * width[id(by_field)]


def test_one_group_a_class_gives_no_interval():
    label, probabilities, _ = fields()
    report = metrics_of(label, probabilities, label, CLASSES, draws=20)
    assert report["overall"]["accuracy"]["value"] > 0.5
    assert report["overall"]["accuracy"]["low"] is None


def test_the_operating_point_of_a_group_is_chosen_without_it():
    label = np.array([0, 0, 1, 1, 1, 1])
    group = np.array([0, 1, 2, 2, 3, 3])
    malignant = np.array([0.3, 0.1, 0.9, 0.9, 0.2, 0.2], np.float32)
    probabilities = np.stack([1 - malignant, malignant], axis=1)
    report = metrics_of(label, probabilities, group, ("Benign", "Pre"), draws=5)
    # Group 3 is held to the 0.9 of group 2 and fails it; group 2 is held to 0.2.
    assert report["overall"]["malignant_sensitivity"]["value"] == 0.5
    assert report["overall"]["malignant_specificity"]["value"] == 0.5
    assert report["operating_point"]["threshold"] == pytest.approx(0.2, abs=1e-5)


def test_decisions_and_sets_add_what_a_pathologist_asks():
    label = np.array([0, 1, 1, 2])
    probabilities = np.eye(3, dtype=np.float32)[[0, 0, 1, 1]]
    sets = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0]], bool)
    report = metrics_of(
        label,
        probabilities,
        np.arange(4),
        CLASSES,
        decisions=np.array([0, 0, NO_DECISION, TOO_FEW]),
        sets=sets,
        draws=5,
    )
    found = values(report)
    assert found["decided"] == 0.5
    assert found["decided_wrong"] == found["malignant_decided_benign"] == 0.25
    assert found["insufficient"] == 0.25
    assert found["accuracy_of_decided"] == 0.5
    assert found["coverage"] == 0.75
    assert found["classes_in_set"] == 1.25


def test_a_class_without_fields_is_left_out_of_the_means():
    label, probabilities, group = fields()
    seen = label < 2
    report = metrics_of(label[seen], probabilities[seen], group[seen], CLASSES, draws=5)
    assert report["per_class"]["Pre"]["recall"]["value"] is None
    assert report["per_class"]["Pre"]["auc"]["value"] is None
    two = [report["per_class"][name]["recall"]["value"] for name in CLASSES[:2]]
    assert values(report)["recall_macro"] == pytest.approx(np.mean(two), abs=1e-4)


def test_without_a_benign_class_there_is_nothing_to_be_sensitive_for():
    label, probabilities, group = fields()
    report = metrics_of(label, probabilities, group, ("a", "b", "c"), draws=5)
    assert "operating_point" not in report
    assert "malignant_sensitivity" not in report["overall"]


def test_the_report_is_plain_json_without_nan():
    label, probabilities, group = fields()
    json.dumps(metrics_of(label, probabilities, group, CLASSES, draws=5), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda label, p, group: (label[:0], p[:0], group[:0]), "no judged fields"),
        (lambda label, p, group: (label, p[:, :2], group), "not of the same"),
        (lambda label, p, group: (label, p * np.nan, group), "add up to 1"),
        (lambda label, p, group: (label, p * 2, group), "add up to 1"),
        (lambda label, p, group: (label + 3, p, group), "not the number"),
    ],
)
def test_what_cannot_be_judged_is_a_sentence(change, words):
    with pytest.raises(ValueError, match=words):
        metrics_of(*change(*fields()), CLASSES, draws=5)
