"""Whoever reads runs does not carry the model's card, 90 kB of figures, once for each of them."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.choices import RunStatus
from inference.models import UNKNOWN_COVERAGE, ModelVersion
from inference.selectors import runs_by_id
from inference.services.runs import claim_runs
from tests import factories

CURVES = {"curves": [0.5] * 20_000}
CARD = {"decision": {"coverage": 0.9}, "crops": {"window": 1.4}, **CURVES}
FEW_BYTES = 4_000


@pytest.fixture
def model(db):
    return factories.ModelVersionFactory(card=CARD)


def weight_of(row) -> int:
    return len(json.dumps(row.__dict__, default=str))


def test_a_run_comes_with_its_model_but_without_the_card(model):
    run = factories.AnalysisRunFactory(model_version=model)
    with CaptureQueriesContext(connection) as queries:
        found = runs_by_id([run.pk])[run.pk].model_version
        assert (found.name, found.coverage, found.crop_window) == (model.name, 0.9, 1.4)
    assert len(queries) == 1
    assert weight_of(found) < FEW_BYTES < weight_of(model)


def test_a_claimed_run_carries_no_card_either(model):
    factories.AnalysisRunFactory(model_version=model, status=RunStatus.QUEUED)
    (run,) = claim_runs(limit=1)
    assert weight_of(run.model_version) < FEW_BYTES


def test_a_card_that_names_no_numbers_stands_for_the_careful_ones(db):
    model = factories.ModelVersionFactory(card={})
    model = ModelVersion.objects.get(pk=model.pk)
    assert (model.coverage, model.crop_window) == (UNKNOWN_COVERAGE, 0.0)
