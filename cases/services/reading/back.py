"""Taking back what was done since a moment: new rows that say again what stood then."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from cases.choices import StepKind
from cases.models import Case, CellCorrection, ReadingStep, TallyEntry
from cases.selectors.differential import differential_of_case
from cases.services.review import lock_case, person
from cases.services.standing import recount
from telepath.core.ids import new_id


@transaction.atomic
def steps_take_back(*, actor: Actor, case: Case, since: datetime) -> int:
    """Put cells and tally of `case` back as they stood at `since`; returns how many cells.

    Nothing is deleted: each cell gets the word that held then, in the name of who had said it; what
    was drawn after it is taken away. The caller checks who may, and keeps the audit row.
    """
    lock_case(case)
    step = ReadingStep(
        id=new_id(),
        case=case,
        kind=StepKind.TAKE_BACK,
        asked={"since": since.isoformat()},
        reader=person(actor),
        reader_name=actor.name,
    )
    words, entries = _words(step, since), _entries(step, since)
    if not words and not entries:
        return 0
    step.save(force_insert=True)
    CellCorrection.objects.bulk_create(words, batch_size=1000)
    TallyEntry.objects.bulk_create(entries)
    recount(case, differential_of_case(case))
    return len(words)


def _words(step: ReadingStep, since: datetime) -> list[CellCorrection]:
    said = CellCorrection.objects.filter(case=step.case).order_by("cell_id", "-id")
    now = said.filter(at__gt=since).distinct("cell_id")
    then = {row.cell_id: row for row in said.filter(at__lte=since).distinct("cell_id")}
    drawn = set(step.case.hand_cells.filter(at__gt=since).values_list("pk", flat=True))
    words = [_word(step, row, then.get(row.cell_id), row.cell_id in drawn) for row in now]
    return [word for word, row in zip(words, now, strict=True) if not _same(word, row)]


def _word(
    step: ReadingStep, now: CellCorrection, then: CellCorrection | None, is_new: bool
) -> CellCorrection:
    return CellCorrection(
        case=step.case,
        image_id=now.image_id,
        step=step,
        cell_id=now.cell_id,
        cell_class=now.cell_class if is_new else then.cell_class if then else "",
        is_removed=is_new or bool(then and then.is_removed),
        reader=then.reader if then else step.reader,
        reader_name=then.reader_name if then else step.reader_name,
    )


def _same(one: CellCorrection, other: CellCorrection) -> bool:
    facts = ("cell_class", "is_removed", "reader_name")
    return all(getattr(one, fact) == getattr(other, fact) for fact in facts)


def _entries(step: ReadingStep, since: datetime) -> list[TallyEntry]:
    return [
        TallyEntry(
            case=step.case,
            step=step,
            cell_class=row.cell_class,
            delta=-row.delta,
            reader=step.reader,
            reader_name=step.reader_name,
        )
        for row in step.case.tally.filter(at__gt=since)
    ]
