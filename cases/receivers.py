"""The one way up from the analysis. Rules live in the services."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from cases.services.submission import on_run_finished
from inference.models import AnalysisRun
from inference.signals import run_finished


@receiver(run_finished)
def move_case_on(run: AnalysisRun, **kwargs: Any) -> None:
    on_run_finished(run)
