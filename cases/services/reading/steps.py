"""Steps of reading: in order, in one transaction, each once, none in the way of the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from accounts.policy import require
from accounts.services import audit
from cases.choices import StepKind
from cases.models import Case, CellCorrection, ReadingStep
from cases.selectors.cells import CellView
from cases.selectors.differential import Differential, differential_of_case
from cases.selectors.messages import cell_messages, count_message
from cases.services.reading.asked import Refused, Step
from cases.services.reading.board import Board, board_of
from cases.services.reading.kinds import TAKE
from cases.services.review import lock_case, require_now
from cases.services.standing import recount
from inference.choices import CellClass
from telepath.core.errors import Invalid
from telepath.core.events import publish
from telepath.core.ids import new_id

ACTION = "case.correct"
TOLD_CELLS = 200
"""Cells that a live event carries; beyond, an open page had better fetch the gallery anew."""
_TAKEN_ID = "This step was sent under the name of another one. Nothing was changed; do it again."


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch. done: also steps that had been taken before.

    cells: every cell that the steps spoke of, as it now stands. words: the new rows about cells.
    """

    done: list[UUID]
    refused: list[tuple[UUID, str]]
    cells: list[CellView]
    count: Differential
    words: list[CellCorrection]


@transaction.atomic
def steps_take(*, actor: Actor, case: Case, steps: Sequence[Step]) -> Taken:
    """Take `steps` in order. One that cannot be taken is refused with a sentence; the rest goes on.

    A step that was taken before is done and changes nothing, whatever has become of the case.
    Raises `Conflict` and `NotAllowed` as `require_now`.
    """
    lock_case(case)
    require(actor, "case.view", case)
    known = _known(actor, case, steps)
    if not steps or any(step.id not in known for step in steps):
        require_now(actor, ACTION, case)
    board = board_of(actor, case, steps)
    done, refused = _take(board, steps, known)
    board.save()
    count = differential_of_case(case)
    if board.before:
        _record(board)
        recount(case, count)
        _tell(board, count)
    named = {pk for step in steps for pk in step.names}
    cells = [board.cells[pk] for pk in board.cells if pk in named | board.changed]
    return Taken(done, refused, cells, count, board.words)


def cells_correct(
    *, actor: Actor, case: Case, cell_ids: Collection[UUID], cell_class: str
) -> list[CellCorrection]:
    """Say what cells are, for programs that need no queue. Returns the rows that were new.

    cell_class: a `CellClass`, or "" to go back to what the model suggested. Raises `Invalid` where
    the step is refused.
    """
    if cell_class and cell_class not in CellClass.values:
        raise Invalid(f"'{cell_class}' is not a class of cells.", field="cell_class")
    asked = {"cells": [str(pk) for pk in cell_ids], "cell_class": cell_class}
    step = Step(new_id(), StepKind.CALL, tuple(cell_ids), cell_class, asked=asked)
    taken = steps_take(actor=actor, case=case, steps=[step])
    for _, sentence in taken.refused:
        raise Invalid(sentence, field="cell_ids")
    return taken.words


def _known(actor: Actor, case: Case, steps: Sequence[Step]) -> dict[UUID, bool]:
    """Ids that were used before: true for the same person's steps in the same case."""
    rows = ReadingStep.objects.filter(pk__in=[step.id for step in steps])
    return {
        pk: (case_id == case.pk and str(reader_id) == actor.id)
        for pk, case_id, reader_id in rows.values_list("pk", "case_id", "reader_id")
    }


def _take(
    board: Board, steps: Sequence[Step], known: dict[UUID, bool]
) -> tuple[list[UUID], list[tuple[UUID, str]]]:
    done: list[UUID] = []
    refused: list[tuple[UUID, str]] = []
    for step in steps:
        try:
            if step.id not in known:
                _take_one(board, step)
                known[step.id] = True
            elif not known[step.id]:
                raise Refused(_TAKEN_ID)
        except Refused as problem:
            refused.append((step.id, problem.sentence))
        else:
            done.append(step.id)
    return done, refused


def _take_one(board: Board, step: Step) -> None:
    if step.problem:
        raise Refused(step.problem)
    TAKE[step.kind](board, step)


def _record(board: Board) -> None:
    """One event for the batch, with cells named as readers name them."""
    audit.record(
        actor=board.actor,
        action=ACTION,
        chain=board.case.clinic_id,
        obj=board.case,
        before=board.before,
        after=board.after,
    )


def _tell(board: Board, count: Differential) -> None:
    """For those who look at this case; the queue reads the new count when it next asks."""
    changed = [board.cells[pk] for pk in board.changed]
    payload: dict[str, Any] = {
        "case_id": str(board.case.pk),
        "actor": board.actor.name,
        "cells": cell_messages(changed) if len(changed) <= TOLD_CELLS else [],
        "reload": len(changed) > TOLD_CELLS,
        "groups": count.counts,
        "count": count_message(count, changed),
    }
    publish(board.case.audience, "cell.corrected", payload)
