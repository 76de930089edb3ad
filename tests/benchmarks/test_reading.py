"""`manage.py benchmark reading` on small cases."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from benchmarks.rows import CELLS_IN_A_FIELD


@pytest.fixture
def figures(monkeypatch, db):
    """Measured inside the test's own database, which is as empty."""
    from contextlib import nullcontext

    from benchmarks.management.commands import _reading

    monkeypatch.setattr(_reading, "own_database", nullcontext)
    out = StringIO()
    call_command("benchmark", "reading", "--json", "--cells", "100", "--times", "3", stdout=out)
    return json.loads(out.getvalue())


def test_every_kind_of_request_is_measured_in_time_and_bytes(figures):
    (case,) = figures["cases"]
    assert case["cells"] == 100
    for kind in ("correction", "batch_of_12", "page", "next_cells"):
        assert 0 <= case[kind]["p50_ms"] <= case[kind]["p95_ms"]
        assert case[kind]["bytes"] > 0
    assert case["correction"]["bytes"] < 10_000


def test_less_than_one_field_is_no_case():
    with pytest.raises(CommandError, match="50 cells or more"):
        call_command("benchmark", "reading", "--cells", str(CELLS_IN_A_FIELD - 1))
