"""From counts and fields to a case."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from inference.engine.statistics import (
    BLAST_THRESHOLD,
    FIELD_CORRELATION,
    FieldScores,
    blast_interval,
    case_suggestion,
    cells_needed,
    effective_fields,
    open_interval,
)


@pytest.mark.parametrize(("blasts", "total"), [(1, 37), (20, 100), (99, 100), (199, 200)])
def test_the_interval_is_that_of_clopper_and_pearson(blasts, total):
    exact = stats.binomtest(blasts, total).proportion_ci(0.95, method="exact")
    assert blast_interval(blasts, total) == pytest.approx((exact.low, exact.high))


def test_at_an_end_the_whole_doubt_lies_on_one_side():
    assert blast_interval(0, 37) == (0, pytest.approx(1 - 0.05 ** (1 / 37)))
    assert blast_interval(10, 10) == (pytest.approx(0.05 ** (1 / 10)), 1)


@pytest.mark.parametrize(("blasts", "total"), [(0, 0), (5, 4), (-1, 4)])
def test_what_is_no_count_is_refused(blasts, total):
    with pytest.raises(ValueError, match="is no count"):
        blast_interval(blasts, total)


def test_unidentified_cells_may_all_be_blasts_or_none():
    low, high = open_interval(10, 15, 100)
    assert low == blast_interval(10, 100)[0]
    assert high == blast_interval(25, 100)[1]
    assert open_interval(10, 0, 100) == blast_interval(10, 100)


def test_fewer_than_200_cells_need_the_rest_in_fields_like_these():
    need = cells_needed(0, 50, 3)
    assert (need.more_cells, need.more_fields, need.because) == (150, 9, "icsh")


def test_an_interval_over_the_threshold_needs_cells_until_it_lies_on_one_side():
    need = cells_needed(50, 200, 10)
    assert need.because == "threshold"
    total = 200 + need.more_cells
    assert blast_interval(round(total * 0.25), total)[0] > BLAST_THRESHOLD
    assert need.more_fields == int(np.ceil(need.more_cells / 20))


def test_a_share_at_the_threshold_is_not_settled_by_counting():
    assert cells_needed(40, 200, 10).because == "too_close"
    assert cells_needed(40, 200, 10).more_cells == 0


def test_a_clear_count_of_200_needs_nothing():
    assert cells_needed(0, 200, 10).because == cells_needed(150, 200, 10).because == "enough"


def test_without_a_cell_nobody_knows_how_many_fields():
    need = cells_needed(0, 0, 4)
    assert (need.more_cells, need.more_fields) == (200, None)


def field(decision, **probabilities):
    return FieldScores(probabilities, decision)


SURE = field("Pre", Benign=0.02, Pre=0.95, Pro=0.03)
UNSURE = field("unsure", Benign=0.5, Pre=0.48, Pro=0.02)
OPPOSED = field("Benign", Benign=0.95, Pre=0.02, Pro=0.03)


def test_one_field_is_its_own_case():
    found = case_suggestion([SURE], 0.9)
    assert (found.label, found.decision, found.fields) == ("Pre", "Pre", 1)
    assert found.probabilities == pytest.approx(SURE.probabilities, abs=1e-3)


def test_many_fields_of_a_smear_are_worth_no_more_than_two():
    many = case_suggestion([field("Pre", Benign=0.4, Pre=0.6)] * 500, 0.9)
    two = np.array([0.4, 0.6]) ** 2
    assert many.probabilities["Pre"] == pytest.approx(two[1] / two.sum(), abs=2e-3)
    assert many.decision == "unsure"
    assert effective_fields(1) == 1
    assert effective_fields(10**9) == pytest.approx(1 / FIELD_CORRELATION)


def test_fields_that_agree_are_surer_together_than_alone():
    alone, together = case_suggestion([SURE], 0.9), case_suggestion([SURE, SURE], 0.9)
    assert together.probabilities["Pre"] > alone.probabilities["Pre"]


def test_fields_that_contradict_each_other_leave_the_case_unsure_and_say_so():
    found = case_suggestion([SURE, OPPOSED], 0.9)
    assert found.decision == "unsure"
    assert found.is_split
    assert found.by_decision == {"Pre": 1, "Benign": 1}


def test_an_unsure_field_contradicts_nobody():
    assert not case_suggestion([SURE, UNSURE], 0.9).is_split


def test_a_field_that_excludes_a_class_does_not_decide_alone():
    certain = field("Benign", Benign=1.0, Pre=0.0, Pro=0.0)
    assert case_suggestion([SURE, SURE, SURE, SURE, certain], 0.9).label == "Pre"


def test_the_order_of_classes_in_a_field_does_not_matter():
    turned = FieldScores(dict(reversed(SURE.probabilities.items())), "Pre")
    assert case_suggestion([SURE, turned], 0.9) == case_suggestion([SURE, SURE], 0.9)


def test_without_a_usable_field_there_is_no_suggestion():
    assert case_suggestion([], 0.9).decision == "insufficient"


def test_fields_of_different_models_are_not_mixed():
    with pytest.raises(ValueError, match="different classes"):
        case_suggestion([SURE, field("blast", blast=1.0)], 0.9)
