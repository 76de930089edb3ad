"""How soon a case should be read: the laboratory's target by priority."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from cases.choices import Priority
from cases.models import Case


def target_of(priority: int) -> timedelta:
    """From submission to signature, as set by TARGET_HOURS."""
    return timedelta(hours=settings.TARGET_HOURS[Priority(priority).name.lower()])


def due_at(case: Case) -> datetime | None:
    """When `case` should be signed; None before it was submitted."""
    return case.submitted_at and case.submitted_at + target_of(case.priority)


def overdue(now: datetime) -> Q:
    """Cases past their target at `now`, for SQL."""
    late = Q(pk__in=[])
    for priority in Priority:
        late |= Q(priority=priority, submitted_at__lt=now - target_of(priority))
    return late
