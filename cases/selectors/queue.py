"""The review queue: what waits for a reader, the most pressing first. All of it in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organisation, User
from cases.choices import IN_HAND, WAITING
from cases.models import Case
from cases.search import matching
from cases.selectors.cases import in_hands_of
from cases.selectors.pages import BEGINNING, ROWS, Order, Page, Place, page_at
from cases.standing import Flag
from cases.targets import overdue

PRESSING = Order("Most pressing first", ("-priority", "-concern", "submitted_at", "pk"))
"""Priority, then risk and doubt together (`standing.concern_of`), then age."""
QUEUE_ORDERS: Mapping[str, Order] = {
    "": PRESSING,
    "waiting": Order("Waiting longest", ("submitted_at", "pk")),
    "-waiting": Order("Submitted last", ("-submitted_at", "-pk")),
    "patient": Order("Patient", ("patient__search_name", "pk")),
    "-patient": Order("Patient, from the end", ("-patient__search_name", "-pk")),
    "-blasts": Order("Most blasts", ("-blasts", "pk")),
}


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the reader wants to see; empty values do not filter.

    mine: in this reader's hands. unassigned: in nobody's. flag: one of `Flag`. late: past its
    target. text: as in `search.matching`.
    """

    clinic: Organisation | UUID | None = None
    priority: int | str | None = None
    specimen: str = ""
    status: str = ""
    mine: bool = False
    unassigned: bool = False
    flag: str = ""
    late: bool = False
    text: str = ""

    def as_condition(self, actor: Actor) -> Q:
        """For SQL."""
        chosen = {
            "clinic": self.clinic,
            "priority": self.priority,
            "specimen": self.specimen,
            "status": self.status,
            "assignee__isnull": self.unassigned or None,
            "flags__contains": [self.flag] if self.flag else None,
        }
        condition = Q(**{name: one for name, one in chosen.items() if one not in (None, "")})
        if self.mine:
            condition &= in_hands_of(actor)
        if self.late:
            condition &= overdue(timezone.now())
        return condition & matching(self.text)


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Of all that waits for a reader, whatever is filtered: cases, hers, those past their target,
    and those with each flag."""

    waiting: int
    mine: int
    late: int
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def named(self) -> list[tuple[str, str, int]]:
        """(flag, its words, cases) of the flags that occur."""
        return [(f.value, str(f.label), self.flags[f]) for f in Flag if self.flags.get(f)]


def review_queue(*, actor: Actor, filters: QueueFilters | None = None) -> QuerySet[Case]:
    """Cases that wait for `actor` or are being read, the most pressing first. One query."""
    condition = (filters or QueueFilters()).as_condition(actor)
    found = waiting_for(actor).filter(condition).order_by(*PRESSING.terms())
    return found.select_related("patient", "clinic", "assignee")


def queue_page(
    *,
    actor: Actor,
    filters: QueueFilters | None = None,
    order: str = "",
    place: Place = BEGINNING,
    size: int = ROWS,
) -> Page[Case]:
    """One page of the queue in any of `QUEUE_ORDERS`; the reader's own cases stand first in it.

    They are on the first page only, above the rest. Three queries.
    """
    filters = filters or QueueFilters()
    found, chosen = review_queue(actor=actor, filters=filters), QUEUE_ORDERS.get(order, PRESSING)
    if filters.mine or actor.user is None:
        return page_at(found, order=chosen, within=_seen(actor), place=place, size=size)
    others = found.exclude(assignee=actor.user)
    page = page_at(others, order=chosen, within=_seen(actor), place=place, size=size)
    if page.previous is not None:
        return page
    own = found.filter(assignee=actor.user).order_by(*chosen.terms())[:size]
    return Page([*own, *page.rows], page.previous, page.next)


def queue_counts(actor: Actor, now: datetime | None = None) -> QueueCounts:
    """How much waits, in one query over the open cases."""
    numbers: dict[str, Any] = waiting_for(actor).aggregate(
        waiting=Count("pk"),
        mine=Count("pk", filter=in_hands_of(actor)),
        late=Count("pk", filter=overdue(now or timezone.now())),
        **{flag: Count("pk", filter=Q(flags__contains=[flag])) for flag in Flag.values},
    )
    flags = {flag: numbers.pop(flag) for flag in Flag.values}
    return QueueCounts(**numbers, flags=flags)


def waiting_for(actor: Actor) -> QuerySet[Case]:
    """Every open case that `actor` may take or hand to a reader."""
    reached = Case.objects.visible_to(actor, "case.claim")
    return (reached | Case.objects.visible_to(actor, "case.assign")).filter(status__in=WAITING)


def next_case(actor: Actor) -> Case | None:
    """What a reader goes on with: her own most pressing case, else the first in nobody's hands."""
    found = review_queue(actor=actor)
    mine = found.filter(in_hands_of(actor)).first() if actor.user else None
    return mine or found.filter(assignee__isnull=True).first()


def cases_in_hand(readers: QuerySet[User]) -> dict[int, int]:
    """How many cases each of `readers` is reading or amending; none is left out. One query."""
    held = Case.objects.filter(status__in=IN_HAND, assignee__in=readers).order_by()
    rows = held.values_list("assignee").annotate(held=Count("pk"))
    return {reader: number for reader, number in rows if reader is not None}


def _seen(actor: Actor) -> QuerySet[Case]:
    return Case.objects.visible_to(actor, "case.view")
