"""The measurement of turnaround runs against the running platform."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiToken
from benchmarks.turnaround import summary
from cases.models import Case
from tests.conftest import Cast
from tests.live.stack import Stack, free_port


@pytest.mark.kills
def test_turnaround_is_measured_and_leaves_nothing_to_read(live: Stack, cast: Cast):
    out = StringIO()
    call_command("benchmark", "turnaround", "--cases", "3", "--json", "--url", live.url, stdout=out)
    figures = json.loads(out.getvalue())
    assert figures["cases"] == 3
    assert 0 < figures["p50"] <= figures["p95"] <= figures["max"]
    assert set(Case.objects.values_list("status", flat=True)) == {"cancelled"}
    assert ApiToken.objects.get().revoked_at


def test_a_platform_that_does_not_run_is_one_sentence(cast: Cast):
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match="make run"):
        call_command("benchmark", "turnaround", "--json", "--url", address)


def test_percentiles_are_by_nearest_rank():
    assert summary([float(n) for n in range(1, 101)]) == {
        "p50": 50.5,
        "p95": 95.0,
        "min": 1.0,
        "max": 100.0,
    }
    assert summary([2.0])["p95"] == 2.0
