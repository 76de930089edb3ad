"""What a list says of a case beyond its own row: result, critical result, whether it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models import Case as SqlCase
from django.db.models.functions import Coalesce, Now

from accounts.actors import Actor
from accounts.policy import reach_filter
from cases.choices import CaseStatus, CriticalStatus
from cases.models import Case, CriticalResult, ReportVersion, UnreadReport

CRITICAL, RETURNED, UNREAD = 3, 2, 1
"""Ranks of what a clinic has to do, the most pressing the highest."""


def with_results(cases: QuerySet[Case], actor: Actor) -> QuerySet[Case]:
    """`cases` with three further columns, each read by its own index.

    conclusion: of the newest signed version, "" without one. critical: status of the newest
    critical result, "" without one. unread: whether `actor` has not looked at the newest version.
    """
    reports = ReportVersion.objects.filter(case=OuterRef("pk")).order_by("-number")
    loops = CriticalResult.objects.filter(case=OuterRef("pk"))
    return cases.annotate(
        conclusion=_first(reports, "conclusion"),
        critical=_first(loops, "status"),
        unread=_unread(actor),
    )


def attach_results(cases: Sequence[Case], actor: Actor) -> None:
    """Give each of `cases` the columns of `with_results` as attributes. One query."""
    rows = with_results(Case.objects.filter(pk__in=[case.pk for case in cases]), actor)
    columns = ("conclusion", "critical", "unread")
    found = {pk: values for pk, *values in rows.values_list("pk", *columns)}
    for case in cases:
        for name, value in zip(columns, found[case.pk], strict=True):
            setattr(case, name, value)


def todo_rank(actor: Actor) -> SqlCase:
    """The rank of a case in what `actor`'s clinic has to do; 0 for nothing."""
    return SqlCase(
        When(Exists(_open_loops()), then=Value(CRITICAL)),
        When(status=CaseStatus.RETURNED, then=Value(RETURNED)),
        When(_unread(actor), then=Value(UNREAD)),
        default=Value(0),
        output_field=IntegerField(),
    )


def todo(actor: Actor) -> QuerySet[Case]:
    """What `actor`'s clinics have to do, each with `rank` and the columns of `with_results`.

    Critical results that nobody acknowledged, then returned cases, then reports that she has not
    read; within each the oldest first. Reads only those rows, however many cases there are.
    """
    own = reach_filter(actor, "case.submit", Case.policy_paths)
    loops = CriticalResult.objects.filter(
        reach_filter(actor, "case.submit", CriticalResult.policy_paths), status=CriticalStatus.OPEN
    )
    returned = Case.objects.filter(own, status=CaseStatus.RETURNED)
    unread = UnreadReport.objects.filter(person=actor.user)
    waiting = loops.order_by().values("case").union(returned.values("pk"), unread.values("case"))
    ranked = with_results(Case.objects.filter(own, pk__in=waiting), actor)
    rows = ranked.annotate(rank=todo_rank(actor)).select_related("patient", "clinic", "assignee")
    return rows.order_by("-rank", Coalesce(F("signed_at"), F("submitted_at"), Now()), "pk")


def _open_loops() -> QuerySet[CriticalResult]:
    return CriticalResult.objects.filter(case=OuterRef("pk"), status=CriticalStatus.OPEN)


def _unread(actor: Actor) -> Exists | Value:
    if actor.user is None:
        return Value(False, output_field=BooleanField())
    return Exists(UnreadReport.objects.filter(case=OuterRef("pk"), person=actor.user))


def _first(rows: QuerySet[Any], column: str) -> Coalesce:
    return Coalesce(Subquery(rows.values(column)[:1]), Value(""), output_field=CharField())
