from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from inference.lab.audit import verdict as audit_verdict
from inference.lab.management.commands import audit_model
from tests.inference.lab.data.test_fields import labelled  # noqa: F401 - a fixture


@pytest.mark.parametrize("name", ["audit_model", "report_model"])
def test_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit):
        call_command(name, "--help")
    assert f"examples:\n  python manage.py {name}" in capsys.readouterr().out


def test_the_shipped_model_is_audited_and_the_audit_written(
    labelled,  # noqa: F811
    tmp_path,
    capsys,
    monkeypatch,
):
    monkeypatch.setattr(audit_verdict, "AUDIT_FLOORS", {"painted": 0.0})
    output = tmp_path / "audit.json"
    call_command(
        "audit_model", "cells", "--json", f"--data={labelled}", f"--output={output}", "--limit=2"
    )
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads(output.read_text())[0]
    assert report["command"].startswith("python manage.py audit_model cells/")
    assert report["fields"] == 2
    assert report["passed"] is True


def test_a_model_that_fails_ends_the_command_with_one(capsys, monkeypatch):
    failed = audit_verdict.summary([], {}, edition="drawn/1.0.0", fields=0)
    monkeypatch.setattr(audit_model, "_audit", lambda options: failed)
    with pytest.raises(SystemExit) as end:
        call_command("audit_model")
    assert end.value.code == 1
    assert "Failed." in capsys.readouterr().out


def test_what_is_asked_wrongly_is_a_sentence(labelled, tmp_path):  # noqa: F811
    with pytest.raises(CommandError, match="0 .all fields. or more"):
        call_command("audit_model", f"--data={labelled}", "--limit=-1")
    with pytest.raises(CommandError, match="no model 'oracle'"):
        call_command("audit_model", "oracle", f"--data={labelled}")
    with pytest.raises(CommandError, match=r"no manifest\.csv"):
        call_command("audit_model", f"--data={tmp_path / 'gone'}")
