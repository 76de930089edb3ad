"""The cells that a batch of steps speaks of, read once; steps change them here; written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from accounts.actors import Actor
from cases.choices import StepKind
from cases.counting import GROUPS, REMOVED
from cases.models import Case, CellCorrection, HandCell, ReadingStep, SmearImage, TallyEntry
from cases.selectors.cells import CellView, cells_called, said_by, view_of_hand_cell
from cases.selectors.counts import tally_of
from cases.services.reading.asked import Refused, Step
from cases.services.reading.outlines import Outline, box_of
from cases.services.review import person
from inference.choices import RunStatus
from inference.selectors import cells_of_runs, runs_by_id

_ELSEWHERE = (
    "Some of these cells belong to an earlier analysis or to another case. Nothing was changed; "
    "reload the page."
)


@dataclass(slots=True)
class Board:
    """The state of a batch. before: the words of each changed cell as they were at first.

    made_from: of each cell drawn in this case from others, which. tally: the one that stands.
    has_ai_result: whether an analysis of any picture ended well.
    """

    actor: Actor
    case: Case
    images: dict[UUID, SmearImage]
    cells: dict[UUID, CellView]
    made_from: dict[UUID, list[UUID]]
    tally: Counter[str]
    has_ai_result: bool
    steps: list[ReadingStep] = field(default_factory=list)
    words: list[CellCorrection] = field(default_factory=list)
    drawn: list[HandCell] = field(default_factory=list)
    entries: list[TallyEntry] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)

    def begin(self, step: Step) -> ReadingStep:
        """The row of a step that is being taken."""
        row = ReadingStep(
            id=step.id,
            case=self.case,
            kind=step.kind,
            asked=dict(step.asked),
            reader=person(self.actor),
            reader_name=self.actor.name,
        )
        self.steps.append(row)
        return row

    def named(self, ids: Iterable[UUID]) -> list[CellView]:
        """These cells, in this order. Raises `Refused` when one is not of this case."""
        try:
            return [self.cells[pk] for pk in ids]
        except KeyError:
            raise Refused(_ELSEWHERE) from None

    def say(self, step: ReadingStep, cell: CellView, said: str, *, removed: bool = False) -> None:
        """Write a new word about `cell`: its class ("" as suggested), or that it is taken away."""
        word = CellCorrection(
            case=self.case,
            image_id=cell.image_id,
            step=step,
            cell_id=cell.id,
            cell_class=said,
            is_removed=removed,
            reader=step.reader,
            reader_name=step.reader_name,
            at=timezone.now(),
        )
        self.words.append(word)
        now = said_by(cell, word if said or removed else None)
        self._note(f"picture {cell.position}, cell {cell.number}", _words(cell), _words(now))
        self.cells[cell.id] = now
        self.changed.add(cell.id)

    def draw(
        self,
        step: ReadingStep,
        pk: UUID,
        image: SmearImage,
        outline: Outline,
        cell_class: str,
        made_from: Sequence[UUID] = (),
    ) -> None:
        """A new cell, called `cell_class`. Raises `Refused` where its id is taken."""
        x, y, width, height = box_of(outline)
        cell = HandCell(
            id=pk,
            case=self.case,
            image=image,
            step=step,
            number=self._next_number(image),
            outline=[list(point) for point in outline],
            x=x,
            y=y,
            width=width,
            height=height,
            made_from=list(made_from),
            reader=step.reader,
            reader_name=step.reader_name,
        )
        self.drawn.append(cell)
        if made_from:
            self.made_from[pk] = list(made_from)
        self.say(step, view_of_hand_cell(cell, image), cell_class)

    def count(self, step: ReadingStep, cell_class: str, delta: int) -> None:
        """Move the tally of a class."""
        entry = TallyEntry(
            case=self.case,
            step=step,
            cell_class=cell_class,
            delta=delta,
            reader=step.reader,
            reader_name=step.reader_name,
        )
        self.entries.append(entry)
        was = self.tally[cell_class]
        self.tally[cell_class] += delta
        self._note(f"tally: {GROUPS[cell_class]}", str(was), str(was + delta))

    def save(self) -> None:
        """Write all rows: five statements at most."""
        ReadingStep.objects.bulk_create(self.steps)
        HandCell.objects.bulk_create(self.drawn)
        CellCorrection.objects.bulk_create(self.words, batch_size=1000)
        TallyEntry.objects.bulk_create(self.entries)

    def _note(self, what: str, was: str, now: str) -> None:
        self.before.setdefault(what, was)
        self.after[what] = now

    def _next_number(self, image: SmearImage) -> int:
        mine = [cell.number for cell in self.drawn if cell.image_id == image.pk]
        if mine:
            return max(mine) + 1
        found = cells_of_runs([image.run_id] if image.run_id else []).aggregate(Max("number"))
        drawn = self.case.hand_cells.filter(image=image).aggregate(Max("number"))
        return max(found["number__max"] or 0, drawn["number__max"] or 0) + 1


def board_of(actor: Actor, case: Case, steps: Sequence[Step]) -> Board:
    """All that `steps` speak of, and the cells that these were made from. Some ten queries."""
    made_from = dict(case.hand_cells.exclude(made_from=[]).values_list("pk", "made_from"))
    named: set[UUID] = set().union(*(step.names for step in steps))
    named |= set(made_from).union(*made_from.values())
    images = {image.pk: image for image in case.images.all()}
    return Board(
        actor=actor,
        case=case,
        images=images,
        cells=cells_called(case, named) if named else {},
        made_from=made_from,
        tally=tally_of(case),
        has_ai_result=_has_ai_result(images.values(), steps),
    )


def _has_ai_result(images: Iterable[SmearImage], steps: Sequence[Step]) -> bool:
    """Asked only where somebody tallies."""
    if not any(step.kind == StepKind.TALLY for step in steps):
        return False
    runs = runs_by_id(image.run_id for image in images if image.run_id)
    return any(run.status == RunStatus.SUCCEEDED for run in runs.values())


def _words(cell: CellView) -> str:
    """How a cell stood, for the audit trail."""
    if cell.is_removed:
        return GROUPS[REMOVED]
    return cell.label if cell.corrected else f"{cell.label} (suggested)"
