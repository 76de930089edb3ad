"""A model on one screen: the weakest figure first, and curves that say what they show."""

from __future__ import annotations

import pytest

from inference.engine.card import told_by
from inference.selectors.glance import five_figures, purpose_of, two_curves

CARD = {
    "kind": "field",
    "limits": ["One hospital."],
    "figures": [
        {"split": "random", "all": {"accuracy": 0.99}},
        {
            "split": "appearance_round",
            "all": {"accuracy": 0.94, "decided_wrong": 0.03, "malignant_decided_benign": 0.002},
            "groups": {
                "1 (Benign)": {"accuracy": 0.6, "fields": 121},
                "9 (Early)": {"accuracy": 0.1, "fields": 2},
            },
            "metrics": {
                "overall": {"malignant_specificity": {"value": 0.72, "low": 0.55, "high": 0.8}}
            },
            "curves": {
                "roc": {
                    "Benign": {
                        "false_positive_rate": [0.0, 0.005, 0.2, 1.0],
                        "sensitivity": [0.0, 0.7, 0.9, 1.0],
                    }
                },
                "reliability": {
                    "confidence": [0.4, 0.99],
                    "accuracy": [0.5, 0.98],
                    "share": [0.2, 0.8],
                },
            },
        },
    ],
}


def test_five_figures_of_smears_never_seen_the_weakest_first():
    figures = five_figures(told_by(CARD))
    assert [figure.value for figure in figures] == [0.6, 0.72, 0.94, 0.03, 0.002]
    assert figures[0].words == "smear group 1 (Benign)"
    assert (figures[1].low, figures[1].high) == (0.55, 0.8)


def test_a_high_share_of_wrong_decisions_is_the_weakest_of_all():
    worse = {"split": "appearance_round", "all": {"accuracy": 0.5, "decided_wrong": 0.6}}
    assert five_figures(told_by({"figures": [worse]}))[0].name == "Decided, and wrong"


def test_the_curves_are_points_of_a_drawing_and_say_their_price():
    true, cost = two_curves(told_by(CARD))
    assert true.line == "131.2,102.0 265.7,31.0"
    assert "Where it says 99% it is right in 98%" in true.words
    assert [round(dot.radius, 1) for dot in true.dots] == [4.7, 7.4]
    assert cost.line.split()[0] == "40.0,176.0"
    assert cost.line.split()[-1] == "268.0,28.0"
    assert "To find 99% of leukaemic fields, 30% of benign ones" in cost.words


@pytest.mark.parametrize("card", [{}, {"figures": []}, {"figures": [{"split": "fold"}]}])
def test_a_card_that_lacks_everything_has_nothing_to_draw(card):
    told = told_by(card)
    assert five_figures(told) == []
    assert two_curves(told) == []
    assert told.limits == ()
    assert purpose_of(told) == ""


def test_what_it_is_for_is_the_cards_word_or_follows_from_its_kind():
    assert purpose_of(told_by({**CARD, "intended_use": "For trials."})) == "For trials."
    assert "suggests whether they are benign or leukaemic" in purpose_of(told_by(CARD))
