"""Making the demo: quick, and safe to be cut short and begun again."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from accounts.models import AuditEvent
from accounts.services import audit
from cases.choices import CaseStatus
from cases.models import Case
from cases.services.demo import story
from cases.services.demo.people import MAKER, make_people
from cases.services.demo.recipes import RECIPES, Recipe
from cases.services.reports import report_pdf
from inference.selectors import active_model
from inference.services.analysis import analyse_waiting
from inference.services.registry import take_up_shipped
from telepath.core.errors import DomainError, Invalid

REFUSED = (
    "The demo's passwords are known to everybody, so it is never made in production "
    "(TELEPATH_ENV=production). Nothing was changed."
)
_DONE = "demo.made"
_PATIENCE_SECONDS = 120
_WAITS_FOR_A_WORKER = frozenset({CaseStatus.SUBMITTED, CaseStatus.ANALYSING})

Say = Callable[[str], None]


def build(say: Say = lambda words: None) -> None:
    """People and cases, once. What people did with them afterwards is left alone.

    Raises `Invalid` in production. `say` hears what happens now.
    """
    if settings.TELEPATH_ENVIRONMENT == "production":
        raise Invalid(REFUSED, code="production")
    say("Demo people")
    make_people()
    if AuditEvent.objects.filter(action=_DONE).exists():
        return
    _ready_model(say)
    _make_cases(say)
    audit.record(actor=MAKER, action=_DONE, chain=None)


def _ready_model(say: Say) -> None:
    """Without a model the cases say "no AI result", and everything else works."""
    if active_model() is not None:
        return
    try:
        take_up_shipped(actor=MAKER)
    except DomainError as reason:
        say(f"No model: {reason.message}")


def _make_cases(say: Say) -> None:
    say("Synthetic smears")
    moving = [(story.open_case(recipe), recipe) for recipe in RECIPES if not _waits(recipe)]
    for case, recipe in moving:
        story.check_pictures(case)
        story.leave_clinic(case, recipe)
    say("Analysis")
    _analyse([case for case, _ in moving])
    say("Readings and signatures")
    for case, recipe in moving:
        story.finish(case, recipe)
        for report in case.reports.all():
            report_pdf(report)
    say("Cases that wait for a worker")
    for recipe in filter(_waits, RECIPES):
        _leave_waiting(recipe)


def _waits(recipe: Recipe) -> bool:
    return recipe.until in _WAITS_FOR_A_WORKER


def _leave_waiting(recipe: Recipe) -> None:
    case = story.open_case(recipe)
    if recipe.until == CaseStatus.ANALYSING:
        story.check_pictures(case)
    story.leave_clinic(case, recipe)


def _analyse(cases: list[Case]) -> None:
    """In this process, beside any worker: each takes what the other has not."""
    end = time.monotonic() + _PATIENCE_SECONDS
    waiting = Case.objects.filter(
        pk__in=[case.pk for case in cases], status__in=_WAITS_FOR_A_WORKER
    )
    while waiting.exists() and time.monotonic() < end:
        if not analyse_waiting():
            time.sleep(0.5)
