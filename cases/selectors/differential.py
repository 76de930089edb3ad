"""The differential count, and how far a count of so few cells can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from cases.counting import COUNTED, CUT, FEW_CELLS, GROUPS, REMOVED
from cases.models import Case
from cases.selectors.cells import CellView
from cases.selectors.counts import Counts, counts_in, counts_of_case
from inference.choices import CellClass
from inference.engine.statistics import (
    BLAST_THRESHOLD,
    ICSH_CELLS,
    CellsNeeded,
    blast_interval,
    cells_needed,
    open_interval,
)

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
    no cells, cells cut by the border, cells taken away). blast_percent: blasts per 100 white cells,
    "" without cells. interval: lower and upper bound of it in percent, None without cells.
    sentence: blasts and interval in words.
    unidentified: white cells without a class. open_interval: the bounds whatever these are, None
    where there are none. open_sentence: the same in words, "" likewise.
    few: what to do about a count that decides nothing yet, "" when it is good enough.
    more_cells: white cells that it lacks. more_fields: fields with them, None where unknown.
    red_cells: nucleated red cells per 100 white cells in words, "" without any. beside: what is
    left out of a tally or by the border, in words. by_tally: whether it is a tally.
    blasts_in: blasts by picture, of pictures that have any.
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
    red_cells: str
    beside: str
    by_tally: bool
    blasts_in: Mapping[UUID, int]

    @property
    def counts(self) -> dict[str, int]:
        """Cells by class, counted or not."""
        return {row.code: row.count for row in (*self.rows, *self.excluded)}


def differential_of(cells: Iterable[CellView]) -> Differential:
    """The count of cells at hand: the reader's class where there is one, else the suggested one."""
    return differential(counts_in(cells))


def differential_of_case(case: Case) -> Differential:
    """The count of `case` as it stands, by its cells or by its tally, without reading a cell."""
    return differential(counts_of_case(case))


def suggested_differential(cells: Iterable[CellView]) -> Differential:
    """The count as the model alone would have it."""
    return differential(counts_in(cells, suggested=True))


def percent(count: int, total: int) -> str:
    """`count` of `total` in percent, one decimal, halves away from zero; "" when `total` is 0."""
    if not total:
        return ""
    return str((Decimal(100 * count) / total).quantize(Decimal("0.1"), ROUND_HALF_UP))


def differential(counts: Counts) -> Differential:
    """The differential of whatever was counted."""
    groups = counts.groups
    total = sum(groups[code] for code in COUNTED)
    blasts = groups[CellClass.BLAST]
    unidentified = groups[CellClass.UNIDENTIFIED]
    interval = _rounded(blast_interval(blasts, total)) if total else None
    whatever = _rounded(open_interval(blasts, unidentified, total)) if unidentified else None
    need = cells_needed(blasts, total, len(counts.pictures))
    return Differential(
        total=total,
        rows=tuple(_row(code, groups, percent(groups[code], total)) for code in COUNTED),
        excluded=tuple(_row(code, groups, "") for code in GROUPS if code not in COUNTED),
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
        unidentified_unreviewed=counts.unreviewed,
        red_cells=_red_cells(groups[CellClass.ERYTHROBLAST], total),
        beside=_beside(counts),
        by_tally=counts.by_tally,
        blasts_in=_blasts_in(counts),
    )


def _blasts_in(counts: Counts) -> dict[UUID, int]:
    return {
        image: groups[CellClass.BLAST]
        for image, groups in counts.pictures.items()
        if groups[CellClass.BLAST]
    }


def _row(code: str, groups: Counter[str], share: str) -> Row:
    return Row(code, GROUPS[code], groups[code], share)


def _red_cells(erythroblasts: int, total: int) -> str:
    if not erythroblasts or not total:
        return ""
    return f"{percent(erythroblasts, total)} nucleated red cells per 100 white cells."


def _beside(counts: Counts) -> str:
    if counts.by_tally:
        drawn = f"; {_plural(counts.drawn, 'cell')} in the pictures not counted again"
        return f"Counted by tally{drawn if counts.drawn else ''}."
    cut, removed = counts.groups[CUT], counts.groups[REMOVED]
    parts = [f"{_plural(cut, 'cell')} cut by the border"] if cut else []
    parts += [f"{_plural(removed, 'cell')} taken away"] if removed else []
    return f"Not counted: {', '.join(parts)}." if parts else ""


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
