"""A case must not wait for an analysis that does not come: then people read it without one."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cases.choices import CaseStatus
from cases.models import Case
from cases.services.submission import become_ready
from inference.selectors import runs_by_id
from inference.services.runs import cancel_run

_NO_ANSWER = "The analysis did not answer for {minutes} minutes. It can be started again."


def release_stuck() -> int:
    """Make ready each case whose analyses showed no sign of life for long. Returns how many."""
    limit = timezone.now() - datetime.timedelta(minutes=settings.ANALYSIS_PATIENCE_MINUTES)
    waiting = Case.objects.filter(status=CaseStatus.ANALYSING)
    return sum(_release(case) for case in waiting if _last_sign(case) < limit)


@transaction.atomic
def _release(case: Case) -> bool:
    """What the runs still under way would have found is not waited for: they are cancelled."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if row.status != CaseStatus.ANALYSING:
        return False
    minutes = settings.ANALYSIS_PATIENCE_MINUTES
    become_ready(row, otherwise=_NO_ANSWER.format(minutes=minutes))
    for run_id in row.images.values_list("run_id", flat=True):
        if run_id:
            cancel_run(run_id)
    return True


def _last_sign(case: Case) -> datetime.datetime:
    """When the case began to wait, or until when one of its runs was held, if that is later."""
    began = case.transitions.filter(to_status=CaseStatus.ANALYSING).latest("id").at
    runs = runs_by_id(pk for pk in case.images.values_list("run_id", flat=True) if pk)
    signs = [sign for run in runs.values() for sign in (run.due_at, run.finished_at) if sign]
    return max([began, *signs])
