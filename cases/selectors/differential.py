"""The differential count, and how far a count of so few cells can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from scipy.special import betaincinv

from cases.selectors.cells import CellView
from inference.choices import NOT_COUNTED, CellClass

ICSH_CELLS = 200
"""White cells that a manual differential should rest on.

Source: Palmer et al., ICSH recommendations for the standardization of nomenclature and grading of
peripheral blood cell morphological features, Int. J. Lab. Hematol. 37 (2015); CLSI H20-A2.
"""
FEW_CELLS = 100
CONFIDENCE = 0.95


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
    few: what to do about too few cells, "" when there are enough.
    """

    total: int
    rows: tuple[Row, ...]
    excluded: tuple[Row, ...]
    blasts: int
    blast_percent: str
    interval: tuple[str, str] | None
    sentence: str
    few: str
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


def blast_interval(blasts: int, total: int) -> tuple[float, float]:
    """Exact 95 % bounds of the share of blasts, as fractions of 1.

    With 0 < blasts < total two-sided, 2.5 % on each side; at either end one-sided, because nothing
    lies beyond it. Quantiles of the beta distribution by its inverse, `betaincinv`.
    Source: Clopper and Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934).
    """
    at_an_end = blasts in (0, total)
    tail = (1 - CONFIDENCE) / (1 if at_an_end else 2)
    lower = 0.0 if blasts == 0 else float(betaincinv(blasts, total - blasts + 1, tail))
    upper = 1.0 if blasts == total else float(betaincinv(blasts + 1, total - blasts, 1 - tail))
    return lower, upper


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
    interval = _rounded(blast_interval(blasts, total)) if total else None
    return Differential(
        total=total,
        rows=tuple(_row(code, counts, percent(counts[code], total)) for code in counted),
        excluded=tuple(_row(code, counts, "") for code in CellClass if code in NOT_COUNTED),
        blasts=blasts,
        blast_percent=percent(blasts, total),
        interval=interval,
        sentence=_sentence(blasts, total, interval),
        few=_few(total),
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


def _few(total: int) -> str:
    if total >= ICSH_CELLS:
        return ""
    advice = f"ICSH recommends {ICSH_CELLS}."
    if total < FEW_CELLS:
        return f"Too few white cells ({total}) for a reliable count; {advice} Add fields."
    return f"{total} white cells counted; {advice} More fields would narrow the interval."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
