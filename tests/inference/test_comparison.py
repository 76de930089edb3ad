"""What two cards say, aligned; and the word for each difference."""

from __future__ import annotations

import pytest

from inference.models import ModelVersion
from inference.selectors.comparison import FigureRow, figure_rows


def card(*figures: dict) -> ModelVersion:
    return ModelVersion(card={"figures": list(figures)})


@pytest.mark.parametrize(
    ("name", "first", "second", "verdict"),
    [
        ("accuracy", 0.7, 0.8, "better"),
        ("accuracy", 0.8, 0.7, "worse"),
        ("decided", 0.3, 0.4, "better"),
        ("decided_wrong", 0.03, 0.04, "worse"),
        ("malignant_decided_benign", 0.01, 0.0, "better"),
        ("label_kept_under: blue lamp", 0.9, 1.0, "better"),
        ("background_only_accuracy", 0.9, 0.8, "lower"),
        ("fields", 10, 20, "higher"),
        ("accuracy", 0.7, 0.7, "same"),
        ("accuracy", 0.7, None, "only the first"),
        ("accuracy", None, 0.7, "only the second"),
    ],
)
def test_a_difference_has_a_word(name, first, second, verdict):
    assert FigureRow("fold", name, first, second).verdict == verdict


def test_figures_of_the_same_split_stand_side_by_side_whatever_their_order():
    first = card(
        {"split": "fold", "all": {"accuracy": 0.8, "fields": 10}},
        {"split": "random", "all": {"accuracy": 0.9}},
    )
    second = card(
        {"split": "random", "all": {"accuracy": 0.95}},
        {"split": "fold", "all": {"accuracy": 0.7}, "groups": {"1": {"accuracy": 0.1}}},
        {"split": "audit", "kept": {"blue lamp": 1.0}, "passed": True, "command": "x"},
    )
    rows = [(row.split, row.name, row.first, row.second) for row in figure_rows(first, second)]
    assert rows == [
        ("fold", "fields", 10, None),
        ("fold", "accuracy", 0.8, 0.7),
        ("random", "accuracy", 0.9, 0.95),
        ("audit", "kept: blue lamp", None, 1.0),
    ]
