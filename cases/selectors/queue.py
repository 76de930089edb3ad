"""The review queue: what waits for a reader, the most pressing first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organisation
from cases.choices import CaseStatus
from cases.models import Case, SmearImage
from cases.search import without_accents
from cases.selectors.differential import FEW_CELLS
from cases.selectors.suggestion import Suggestion, suggestion_of
from inference.choices import NOT_COUNTED, CellClass, RunStatus
from inference.models import AnalysisRun
from inference.selectors import cells_of_runs, runs_by_id

OPEN = (CaseStatus.READY, CaseStatus.IN_REVIEW)
UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the reader wants to see; empty values do not filter.

    mine: in this reader's hands. unassigned: in nobody's. warning: flagged by the model or for the
    lack of one. text: in accession, patient name or MRN.
    """

    clinic: Organisation | UUID | None = None
    priority: int | str | None = None
    specimen: str = ""
    status: str = ""
    mine: bool = False
    unassigned: bool = False
    warning: bool = False
    text: str = ""

    def as_condition(self, actor: Actor) -> Q:
        """All but `warning`, which the case's own row does not know."""
        condition = Q(**self._lookups(actor))
        if self.text:
            condition &= (
                Q(accession__icontains=self.text)
                | Q(patient__search_name__icontains=without_accents(self.text))
                | Q(patient__mrn__icontains=self.text)
            )
        return condition

    def _lookups(self, actor: Actor) -> dict[str, Any]:
        chosen = {
            "clinic": self.clinic,
            "priority": self.priority,
            "specimen": self.specimen,
            "status": self.status,
            "assignee": actor.user if self.mine else None,
            "assignee__isnull": self.unassigned or None,
        }
        return {name: value for name, value in chosen.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Triage:
    """What the analysis makes of a case, for its place in the queue.

    unsure: images on which the model does not decide. suggested: its decision on the whole case, ""
    where it has none. Flagged cases stand before the others: those with suspected blasts, and just
    as much those where the model is unsure or has said nothing.
    """

    images: int = 0
    white_cells: int = 0
    blasts: int = 0
    unsure: int = 0
    suggested: str = ""
    no_ai_reason: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def is_flagged(self) -> bool:
        is_unsure = self.unsure or self.suggested == UNSURE
        return bool(self.blasts or is_unsure or self.no_ai_reason)


def review_queue(*, actor: Actor, filters: QueueFilters | None = None) -> list[Case]:
    """Cases that wait for `actor` or are being read, each with its `triage` as an attribute.

    Order: priority, then flagged, then age. Four queries, however long.
    """
    filters = filters or QueueFilters()
    cases = list(_open_cases(actor).filter(filters.as_condition(actor)))
    triage = triage_of(cases)
    for case in cases:
        setattr(case, "triage", triage[case.pk])  # noqa: B010  (not a field of the model)
    kept = [case for case in cases if triage[case.pk].is_flagged or not filters.warning]
    return sorted(kept, key=lambda case: _rank(case, triage[case.pk]))


def triage_of(cases: Sequence[Case]) -> dict[UUID, Triage]:
    """Triage by case. Three queries."""
    images = defaultdict(list)
    for image in SmearImage.objects.filter(case__in=cases).only("case_id", "run_id", "status"):
        images[image.case_id].append(image.run_id)
    run_ids = [run_id for runs in images.values() for run_id in runs if run_id]
    runs, counts = runs_by_id(run_ids), _counts_by_run(run_ids)
    return {case.pk: _triage(case, images[case.pk], runs, counts) for case in cases}


def _open_cases(actor: Actor) -> QuerySet[Case]:
    claimable = Case.objects.visible_to(actor, "case.claim")
    return (
        (claimable | Case.objects.visible_to(actor, "case.assign"))
        .filter(status__in=OPEN)
        .select_related("patient", "clinic", "assignee")
    )


def _counts_by_run(run_ids: Iterable[UUID]) -> Mapping[UUID, Counter[str]]:
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    whole = cells_of_runs(run_ids).filter(is_cut=False).order_by()
    rows = whole.values_list("run_id", "cell_class")
    for run_id, cell_class, cells in rows.annotate(cells=Count("pk")):
        counts[run_id][cell_class] = cells
    return counts


def _triage(
    case: Case,
    run_ids: Sequence[UUID | None],
    runs: Mapping[UUID, AnalysisRun],
    counts: Mapping[UUID, Counter[str]],
) -> Triage:
    known = [runs[pk] for pk in run_ids if pk and pk in runs]
    done = [run for run in known if run.status == RunStatus.SUCCEEDED]
    found = sum((counts[run.pk] for run in done if run.pk in counts), Counter[str]())
    white = sum(count for code, count in found.items() if code not in NOT_COUNTED)
    blasts = found[CellClass.BLAST]
    unsure = sum(run.result.get("decision") == UNSURE for run in done)
    whole = suggestion_of(done)
    warnings = [
        *_warnings(case.no_ai_reason, white, blasts, unsure, len(done)),
        *_contradiction(whole),
    ]
    return Triage(
        images=len(run_ids),
        white_cells=white,
        blasts=blasts,
        unsure=unsure,
        suggested=whole.decision if whole and whole.label else "",
        no_ai_reason=case.no_ai_reason,
        warnings=tuple(warnings),
    )


def _warnings(no_ai: str, white: int, blasts: int, unsure: int, done: int) -> Iterable[str]:
    if no_ai:
        yield f"No AI result: {no_ai}"
    if blasts:
        yield f"{blasts} suspected blast{'s' if blasts > 1 else ''} in {white} white cells"
    if unsure:
        yield f"The model is unsure on {unsure} of {done} image{'s' if done > 1 else ''}"
    if done and white < FEW_CELLS:
        yield f"Only {white} white cells"


def _contradiction(whole: Suggestion | None) -> Iterable[str]:
    if whole and whole.is_split:
        yield whole.agreement.rstrip(".")


def _rank(case: Case, triage: Triage) -> tuple[int, bool, datetime]:
    waiting_since = case.submitted_at or case.created_at or timezone.now()
    return -case.priority, not triage.is_flagged, waiting_since
