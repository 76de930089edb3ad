"""`manage.py benchmark engine` on the shipped model, with few fields."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from benchmarks import engine as ways
from benchmarks import memory


def figures(*arguments):
    out = StringIO()
    call_command("benchmark", "engine", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_every_way_is_measured_on_the_same_cells(monkeypatch):
    monkeypatch.setattr(ways, "TIMES", 1)
    monkeypatch.setattr(ways, "SLOW_FIELDS", 1)
    found = figures("--count", "2")
    names = {"seeds", "predict", "tensorflow", "bare", "ours"}
    assert set(found["classifier_ms"]) == set(found["times_ours"]) == names
    assert found["times_ours"]["ours"] == 1
    assert set(found["ours_to_bare"]) == {"wall", "processor"}
    assert {"segmentation", "classifier", "file", "all"} <= set(found["field_ms"])
    assert all(0 <= stage["p50"] <= stage["p95"] for stage in found["field_ms"].values())


def test_memory_is_read_early_and_at_the_end(monkeypatch):
    monkeypatch.setattr("benchmarks.management.commands._engine.EARLY", 2)
    monkeypatch.setattr(memory, "EARLY", 2)
    found = figures("--memory", "4", "--count", "2")
    assert found["fields"] == 4
    assert found["ratio"] == pytest.approx(found["after_all_mib"] / found["after_2_mib"], abs=1e-3)


def test_a_folder_without_pictures_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="holds no pictures"):
        figures("--fields", str(tmp_path))


def test_an_unknown_model_is_one_sentence():
    with pytest.raises(CommandError, match="There is no model 'nobody'"):
        figures("--model", "nobody")


@pytest.mark.parametrize("wrong", [("--count", "0"), ("--memory", "100"), ("--memory", "-1")])
def test_too_few_fields_are_refused(wrong):
    with pytest.raises(CommandError, match="at least one field"):
        figures(*wrong)
