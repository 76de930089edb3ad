"""Why a case stands where it stands in the queue, in words. No query: all is in its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cases.counting import FEW_CELLS
from cases.models import Case
from cases.standing import Flag
from cases.targets import due_at

_SAID_FIRST = (Flag.NO_AI, Flag.CONTRADICTION, Flag.UNSURE)
"""What takes the place of the suggestion, since it is not to be leaned on."""


@dataclass(frozen=True, slots=True)
class Triage:
    """word: the suggestion, or the doubt about it, in one word; "" where there is neither.

    found: the count in words. is_read: the count is a reader's, no longer the model's alone.
    suggested: the model's decision on the whole case. images: analysed well; unsure: of these,
    without a decision. concern: 0 to 100. due_at: by when it should be signed.
    """

    word: str
    found: str
    is_read: bool
    suggested: str
    images: int
    unsure: int
    white_cells: int
    blasts: int
    flags: tuple[str, ...]
    concern: int
    warnings: tuple[str, ...]
    due_at: datetime | None

    @property
    def is_flagged(self) -> bool:
        """Whether anything but the want of cells speaks for reading it soon."""
        return bool(set(self.flags) - {Flag.FEW_CELLS})


def triage_of(case: Case) -> Triage:
    """Of one row of the queue."""
    return Triage(
        word=_word(case),
        found=_found(case) if case.weighed_at else "",
        is_read=case.is_read,
        suggested=case.suggested,
        images=case.fields_analysed,
        unsure=case.fields_unsure,
        white_cells=case.white_cells,
        blasts=case.blasts,
        flags=tuple(case.flags),
        concern=case.concern,
        warnings=tuple(_warnings(case)),
        due_at=due_at(case),
    )


def _word(case: Case) -> str:
    for flag in _SAID_FIRST:
        if flag in case.flags:
            return str(flag.label)
    return case.suggested


def _found(case: Case) -> str:
    if not case.white_cells:
        return "" if case.no_ai_reason else "no white cells"
    blasts = f"{case.blasts} blast{'s' * (case.blasts != 1)}" if case.blasts else "no blasts"
    return f"{blasts} in {case.white_cells}"


def _warnings(case: Case) -> Iterator[str]:
    if case.no_ai_reason:
        yield f"No AI result: {case.no_ai_reason}"
    if case.blasts:
        whose = "" if case.is_read else "suspected "
        yield f"{case.blasts} {whose}blast{'s' * (case.blasts != 1)} in {_cells(case)}"
    if case.fields_unsure:
        fields = f"{case.fields_analysed} field{'s' * (case.fields_analysed != 1)}"
        yield f"The model is unsure on {case.fields_unsure} of {fields}"
    if case.is_split:
        yield "The fields contradict each other"
    elif Flag.CONTRADICTION in case.flags:
        yield f"The fields are called {case.suggested}, though cells look like blasts"
    if Flag.FEW_CELLS in case.flags and case.white_cells < FEW_CELLS:
        yield f"Only {_cells(case)}"


def _cells(case: Case) -> str:
    return f"{case.white_cells} white cell{'s' * (case.white_cells != 1)}"
