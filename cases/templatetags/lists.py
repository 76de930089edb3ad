"""What tables of cases and patients share: headings that sort, durations, the words of a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actors import Actor
from cases.choices import WAITING
from cases.models import Case
from cases.selectors.triage import Triage
from cases.selectors.triage import triage_of as made_of

register = template.Library()

_STEPS = ((60, "min"), (60, "h"), (24, "d"))


@register.simple_tag(takes_context=True)
def sorts(context: dict[str, Any], words: str, first: str, then: str = "") -> SafeString:
    """The inside of a heading: a link that orders the list by it, and turns the order round.

    first, then: codes of the two orders; the arrow shows which one is at work.
    """
    now = context.get("order", "")
    query = context["request"].GET.copy()
    for name in ("after", "before", "page", "s"):
        query.pop(name, None)
    query["order"] = then if now == first else first
    arrow = " ▲" if now == first else " ▼" if then and now == then else ""
    return format_html('<a href="?{}">{}{}</a>', query.urlencode(), words, arrow)


@register.simple_tag(takes_context=True)
def narrowed(context: dict[str, Any], name: str, value: str) -> str:
    """The address of this list with one filter set, or taken away where it is set; first page."""
    query = context["request"].GET.copy()
    is_set = query.get(name) == value
    for gone in ("after", "before", "page", "s", *([name] if is_set else ())):
        query.pop(gone, None)
    if not is_set:
        query[name] = value
    return f"?{query.urlencode()}"


@register.filter
def triage(case: Case) -> Triage:
    """Why a case stands where it stands in the queue."""
    return made_of(case)


@register.filter
def distance(moment: datetime) -> str:
    """How far a moment is from now, in its largest unit, without a direction: "40 min", "3 d"."""
    number, unit = abs((timezone.now() - moment).total_seconds()), "s"
    for size, larger in _STEPS:
        if number < size:
            break
        number, unit = number / size, larger
    return f"{int(number)} {unit}"


@register.filter
def is_past(moment: datetime) -> bool:
    return moment < timezone.now()


@register.filter
def is_with(case: Case, actor: Actor) -> bool:
    """Whether the case is in the hands of this person."""
    return case.assignee_id is not None and str(case.assignee_id) == actor.id


@register.filter
def waits(case: Case) -> bool:
    """Whether it is in the queue, for a reader or in a reader's hands."""
    return case.status in WAITING
