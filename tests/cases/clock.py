"""A clock that tests set, and the platform's own work done at its hours."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from cases.choices import NoticeState
from cases.models import Notice
from cases.services.critical import escalate_due
from cases.services.notices import notice_send


class Clock:
    """Time passes only when it is told to; what is due is then done, as the sweeps would."""

    def __init__(self) -> None:
        self.at = timezone.now()

    def now(self) -> datetime.datetime:
        return self.at

    def passes(self, **span: float) -> None:
        """Leases are kept by the database's clock, which nobody sets: what is due comes nearer."""
        self.at += datetime.timedelta(**span)
        Notice.objects.update(due_at=F("due_at") - datetime.timedelta(**span))
        work()


def work() -> None:
    """One round of each sweep, and of the worker that mails."""
    escalate_due()
    for key in Notice.objects.filter(state=NoticeState.WAITING).values_list("pk", flat=True):
        notice_send(notice_id=key)


@pytest.fixture(name="clock")
def make_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock
