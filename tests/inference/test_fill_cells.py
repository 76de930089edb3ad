"""Cells from before there was a column for it learn what cuts them when the platform is updated."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from inference.models import AnalysisRun, Cell
from tests import factories

fill = import_module("inference.migrations.0005_fill_cells_cut_and_doubt")


class Editor:
    connection = connection


@pytest.fixture
def before(db):
    """A run of version 0.1.0: a cut cell, a whole one, an open one."""
    run = factories.AnalysisRunFactory(result={"status": "ok", "count": {"white_cells": 3}})
    for weight, code in ((0, "blast"), (0.7, "blast"), (0.3, "unidentified")):
        factories.CellFactory(run=run, weight=weight, cell_class=code)
    return run


def test_what_had_no_weight_was_cut_and_the_field_knows_its_identified_cells(before, monkeypatch):
    monkeypatch.setattr(fill, "RUNS_AT_ONCE", 1)
    other = factories.AnalysisRunFactory(result={"status": "insufficient"})
    for _ in range(2):  # it may be cut off and begun again
        fill.fill(apps, Editor)
    cells = Cell.objects.order_by("number")
    assert [cell.is_cut for cell in cells] == [True, False, False]
    assert [cell.doubt for cell in cells] == [pytest.approx(0.15)] * 3
    assert AnalysisRun.objects.get(pk=before.pk).result["identified"] == 1
    assert AnalysisRun.objects.get(pk=before.pk).result["count"] == {"white_cells": 3}
    assert AnalysisRun.objects.get(pk=other.pk).result["identified"] == 0
