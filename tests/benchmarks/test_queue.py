"""`manage.py benchmark queue` on a few cases."""

from __future__ import annotations

from contextlib import nullcontext
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from benchmarks.management.commands import _queue


def test_the_page_of_the_queue_is_held_against_its_limits(monkeypatch, db):
    monkeypatch.setattr(_queue, "own_database", nullcontext)
    out = StringIO()
    asked = ("--cases", "3", "--pictures", "2", "--times", "2")
    call_command("benchmark", "queue", *asked, stdout=out, stderr=StringIO())
    said = out.getvalue()
    assert "3 cases of 2 analysed pictures" in said
    assert "at most 12" in said
    assert "TOO MUCH" not in said


def test_no_case_is_no_queue():
    with pytest.raises(CommandError, match="at least one page"):
        call_command("benchmark", "queue", "--cases", "0")
