"""`manage.py benchmark decoding`, each way once."""

from __future__ import annotations

import json

from django.core.management import call_command

from benchmarks import decoding


def test_both_ways_are_measured_beside_each_other(capsys, monkeypatch):
    monkeypatch.setattr(decoding, "SIZES", decoding.SIZES[:2])
    call_command("benchmark", "decoding", "--times", "1", "--json")
    sizes = json.loads(capsys.readouterr().out)["sizes"]
    assert [one["size"] for one in sizes] == ["224 x 224", "640 x 480"]
    assert all(one["in_process_ms"] > 0 and one["apart_ms"] > 0 for one in sizes)
