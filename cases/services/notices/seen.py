"""What somebody has looked at."""

from __future__ import annotations

from collections.abc import Collection

from accounts.actors import Actor
from cases.models import ReportVersion, UnreadReport


def reports_seen(*, actor: Actor, reports: Collection[ReportVersion]) -> None:
    """Take the unread mark off these versions; one that was signed a moment ago keeps its mark."""
    if actor.user and reports:
        UnreadReport.objects.filter(person=actor.user, report__in=reports).delete()
