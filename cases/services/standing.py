"""The one place that writes where a case stands: its flags, its count, its concern."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cases.choices import WAITING
from cases.counting import field_decision
from cases.models import Case, CellCorrection, TallyEntry
from cases.selectors.differential import Differential, differential_of_case
from cases.selectors.suggestion import suggestion_of
from cases.standing import Finding, Standing, concern_of, flags_of
from inference.choices import RunStatus
from inference.engine.types import UNSURE
from inference.selectors import runs_by_id

_COLUMNS = [field.name for field in Standing._meta.fields]
AT_ONCE = 200
"""Cases that one sweep puts right."""


def weigh(case: Case) -> None:
    """Write what the model made of `case` and its count as it stands. Call with the row locked."""
    ids = [pk for pk in case.images.values_list("run_id", flat=True) if pk]
    done = [run for run in runs_by_id(ids).values() if run.status == RunStatus.SUCCEEDED]
    whole = suggestion_of(done)
    case.suggested = whole.decision if whole else ""
    case.is_split = bool(whole and whole.is_split)
    case.fields_analysed = len(done)
    said = [run.outcome for run in done if run.outcome]
    case.fields_unsure = sum(field_decision(one) == UNSURE for one in said)
    by_people = (CellCorrection.objects.filter(case=case), TallyEntry.objects.filter(case=case))
    case.is_read = any(rows.exists() for rows in by_people)
    case.weighed_at = timezone.now()
    _write(case, differential_of_case(case))


def recount(case: Case, count: Differential) -> None:
    """Write the count after a reader's step. One query; nothing of the model is read again."""
    case.is_read = True
    _write(case, count)


def sweep() -> int:
    """Weigh waiting cases that nobody weighed yet, as after an upgrade. Returns how many."""
    unknown = Case.objects.filter(status__in=WAITING, weighed_at__isnull=True)
    return sum(_weigh_late(case) for case in unknown.order_by("-priority", "pk")[:AT_ONCE])


@transaction.atomic
def _weigh_late(case: Case) -> bool:
    row = Case.objects.select_for_update().get(pk=case.pk)
    weigh(row)
    return True


def _write(case: Case, count: Differential) -> None:
    case.white_cells, case.blasts = count.total, count.blasts
    finding = Finding(
        suggested=case.suggested,
        fields_analysed=case.fields_analysed,
        fields_unsure=case.fields_unsure,
        is_split=case.is_split,
        white_cells=count.total,
        blasts=count.blasts,
        unidentified=count.unidentified,
        has_ai=not case.no_ai_reason,
    )
    case.flags, case.concern = flags_of(finding), concern_of(finding)
    case.save(update_fields=_COLUMNS)
