"""What is kept of a cell's evidence."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from inference.engine.types import FieldInput, NearestCell
from inference.models import AnalysisRun, ModelVersion
from inference.outcomes import Outcome, kept_of, outcome_in
from inference.services.runs.results import cells_of
from tests.inference.fakes import FakeAnalyser, Order


@pytest.fixture
def plain():
    """One cell, by a model that gives no evidence."""
    orders = np.zeros((40, 40, 3), np.uint8)
    orders[0, 0] = (Order.FIND, 1, 0)
    return FakeAnalyser().analyse_batch([FieldInput(orders)])[0]


@pytest.fixture
def explained(plain):
    """The same with evidence; a disk of its area is 12 pixels wide."""
    mask = np.zeros((40, 40), np.uint16)
    mask.flat[: round(np.pi * 36)] = 1
    cell = dataclasses.replace(
        plain.cells[0],
        evidence_map=[[0, 255]],
        type_probabilities={"lymphocyte": 0.8},
        nearest=[NearestCell("Pre", "field.jpg#2", 0.9)],
    )
    return dataclasses.replace(plain, masks=mask, cells=[cell])


def run_of(crop_window=0.0):
    model = ModelVersion()
    model.crop_window = crop_window
    return AnalysisRun(model_version=model)


def test_map_neighbours_and_types_are_kept_with_the_square_that_the_map_covers(explained):
    (cell,) = cells_of(run_of(crop_window=1.5), explained)
    assert cell.evidence == {
        "class": "Pre",
        "map": [[0, 255]],
        "span": pytest.approx(18, abs=0.1),
        "types": {"lymphocyte": 0.8},
        "nearest": [{"class": "Pre", "reference": "field.jpg#2", "similarity": 0.9}],
    }


def test_what_a_model_does_not_give_is_left_out(plain):
    (cell,) = cells_of(run_of(), plain)
    assert cell.evidence == {"class": "Pre"}


def test_what_the_border_cuts_and_what_is_open_is_not_identified(plain):
    cell = plain.cells[0]
    kinds = [("blast", False), ("blast", True), ("unidentified", False), ("not_a_cell", False)]
    cells = [dataclasses.replace(cell, cell_class=code, is_cut=cut) for code, cut in kinds]
    result = dataclasses.replace(plain, cells=cells)
    assert outcome_in(kept_of(result)).identified == 1
    assert [row.is_cut for row in cells_of(run_of(), result)] == [False, True, False, False]


def test_what_is_kept_is_read_back_by_name(plain):
    outcome = outcome_in(json.loads(json.dumps(kept_of(plain))))
    assert outcome == Outcome(
        status="ok",
        decision="Pre",
        label="Pre",
        probabilities={"Pre": 0.9, "Benign": 0.1},
        prediction_set=("Pre",),
        white_cells=1,
        identified=1,
    )
    assert outcome.is_ok


def test_a_run_without_a_result_has_no_outcome_and_an_old_one_lacks_what_was_not_kept_then():
    assert outcome_in({}) is None
    old = outcome_in({"status": "insufficient", "reason": "Too few.", "decision": "insufficient"})
    assert (old.is_ok, old.reason, old.identified, old.white_cells) == (
        False,
        "Too few.",
        None,
        None,
    )
