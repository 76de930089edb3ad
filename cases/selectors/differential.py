"""The differential count, and how far a count of so few cells can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cases.selectors.cells import CellView
from inference.choices import NOT_COUNTED, CellClass
from inference.engine.statistics import (
    BLAST_THRESHOLD,
    ICSH_CELLS,
    CellsNeeded,
    blast_interval,
    cells_needed,
    open_interval,
)

FEW_CELLS = 100
_THRESHOLD = f"{100 * BLAST_THRESHOLD:.0f} %"


@dataclass(frozen=True, slots=True)
class Row:
    """One class of the differential. percent: of the white cells counted; "" where not counted."""

    code: str
    label: str
    count: int
    percent: str


@dataclass(frozen=True, slots=True)
class Differential:
    """Counts of one case.

    total: white cells counted. excluded: rows left out of it (ruptured cells, red-cell precursors,
    no cells). blast_percent: blasts per 100 white cells, "" without cells. interval: lower and
    upper bound of it in percent, None without cells. sentence: blasts and interval in words.
    unidentified: white cells without a class. open_interval: the bounds whatever these are, None
    where there are none. open_sentence: the same in words, "" likewise.
    few: what to do about a count that decides nothing yet, "" when it is good enough.
    more_cells: white cells that it lacks. more_fields: fields with them, None where unknown.
    """

    total: int
    rows: tuple[Row, ...]
    excluded: tuple[Row, ...]
    blasts: int
    blast_percent: str
    interval: tuple[str, str] | None
    sentence: str
    unidentified: int
    open_interval: tuple[str, str] | None
    open_sentence: str
    few: str
    more_cells: int
    more_fields: int | None
    unidentified_unreviewed: int

    @property
    def counts(self) -> dict[str, int]:
        """Cells by class, counted or not."""
        return {row.code: row.count for row in (*self.rows, *self.excluded)}


def differential_of(cells: Sequence[CellView]) -> Differential:
    """The count as it stands: the reader's class where there is one, else the suggested one."""
    return _count(cells, lambda cell: cell.effective)


def suggested_differential(cells: Sequence[CellView]) -> Differential:
    """The count as the model alone would have it."""
    return _count(cells, lambda cell: cell.suggested or CellClass.UNIDENTIFIED.value)


def percent(count: int, total: int) -> str:
    """`count` of `total` in percent, one decimal, halves away from zero; "" when `total` is 0."""
    if not total:
        return ""
    return str((Decimal(100 * count) / total).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _count(cells: Sequence[CellView], class_of: Callable[[CellView], str]) -> Differential:
    counts = Counter(class_of(cell) for cell in cells)
    counted = [code for code in CellClass if code not in NOT_COUNTED]
    total = sum(counts[code] for code in counted)
    blasts = counts[CellClass.BLAST]
    unidentified = counts[CellClass.UNIDENTIFIED]
    interval = _rounded(blast_interval(blasts, total)) if total else None
    whatever = _rounded(open_interval(blasts, unidentified, total)) if unidentified else None
    need = cells_needed(blasts, total, len({cell.image_id for cell in cells}))
    return Differential(
        total=total,
        rows=tuple(_row(code, counts, percent(counts[code], total)) for code in counted),
        excluded=tuple(_row(code, counts, "") for code in CellClass if code in NOT_COUNTED),
        blasts=blasts,
        blast_percent=percent(blasts, total),
        interval=interval,
        sentence=_sentence(blasts, total, interval),
        unidentified=unidentified,
        open_interval=whatever,
        open_sentence=_open_sentence(unidentified, whatever),
        few=_few(total, need),
        more_cells=need.more_cells,
        more_fields=need.more_fields,
        unidentified_unreviewed=_open_questions(cells),
    )


def _row(code: CellClass, counts: Counter[str], share: str) -> Row:
    return Row(code.value, str(code.label), counts[code], share)


def _open_questions(cells: Sequence[CellView]) -> int:
    return sum(not c.is_reviewed and c.effective == CellClass.UNIDENTIFIED for c in cells)


def _rounded(bounds: tuple[float, float]) -> tuple[str, str]:
    low, high = (Decimal(bound * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) for bound in bounds)
    return str(low), str(high)


def _sentence(blasts: int, total: int, interval: tuple[str, str] | None) -> str:
    if interval is None:
        return "No white cells were counted."
    found = f"{_plural(blasts, 'blast')} in {_plural(total, 'white cell')}"
    low, high = interval
    if blasts == 0:
        return f"{found}; upper 95 % bound {high} %."
    if blasts == total:
        return f"{found}; lower 95 % bound {low} %."
    return f"{found}: {percent(blasts, total)} per 100, 95 % interval {low} to {high} %."


def _open_sentence(unidentified: int, whatever: tuple[str, str] | None) -> str:
    if whatever is None:
        return ""
    low, high = whatever
    return (
        f"{_plural(unidentified, 'unidentified cell')} counted as no blast; "
        f"whatever they are, blasts lie between {low} and {high} %."
    )


def _few(total: int, need: CellsNeeded) -> str:
    if need.because == "enough":
        return ""
    if need.because == "too_close":
        return f"The share of blasts is too close to {_THRESHOLD} for counting to settle it."
    more = f": about {need.more_fields} more" if need.more_fields else ""
    if total < FEW_CELLS:
        advice = f"ICSH recommends {ICSH_CELLS}. Add fields{more}."
        return f"Too few white cells ({total}) for a reliable count; {advice}"
    if total < ICSH_CELLS:
        advice = f"ICSH recommends {ICSH_CELLS}. More fields would narrow the interval{more}."
        return f"{total} white cells counted; {advice}"
    return f"The interval holds {_THRESHOLD} blasts. More fields would settle it{more}."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
