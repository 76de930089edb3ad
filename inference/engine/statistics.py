"""From counts and fields to a case: how far a count of so few cells can be trusted.

Pure arithmetic; the words are made where people read them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.engine.pooling import prediction_set, softmax
from inference.engine.types import INSUFFICIENT, UNSURE, Floats

CONFIDENCE = 0.95
ICSH_CELLS = 200
"""White cells that a manual differential should rest on.

Source: Palmer et al., ICSH recommendations for the standardization of nomenclature and grading of
peripheral blood cell morphological features, Int. J. Lab. Hematol. 37 (2015); CLSI H20-A2.
"""
BLAST_THRESHOLD = 0.20
"""Share of blasts from which on acute leukaemia is spoken of.

Source: WHO Classification of Haematolymphoid Tumours, 5th edition (2022). For lymphoblastic
leukaemia it is a convention, not a limit: some protocols ask for 25 %.
"""
MOST_CELLS = 1000
"""A count that this many cells would not settle is not settled by counting."""
FIELD_CORRELATION = 0.5
"""How alike the errors on two fields of one case are, 0 to 1.

Fields share patient, smear, stain, microscope and model. No data set at hand has cases of known
truth with several fields to measure it on; at 0.5 any number of fields weighs at most as much as
two independent ones. Source of the formula: Kish, Survey Sampling (1965), design effect.
"""
LEAST_PROBABILITY = 0.001
"""No single field is surer than this that a class is out of the question."""

Need = Literal["enough", "icsh", "threshold", "too_close"]


@dataclass(frozen=True, slots=True)
class CellsNeeded:
    """What would make a count good enough.

    more_cells, more_fields: on top of what was counted; more_fields is None without a field to
    judge by. because: "enough" (nothing more), "icsh" (fewer than 200 cells), "threshold" (the
    interval holds 20 % blasts), "too_close" (it still would after 1,000 cells; nothing is asked).
    """

    more_cells: int
    more_fields: int | None
    because: Need


@dataclass(frozen=True, slots=True)
class FieldScores:
    """What a model said of one field: its calibrated probabilities and its decision."""

    probabilities: Mapping[str, float]
    decision: str


@dataclass(frozen=True, slots=True)
class CaseSuggestion:
    """What the fields of a case suggest together.

    label: the most probable class, None without a usable field. decision: that class, "unsure"
    when the set holds more than one, "insufficient" without a usable field. fields: used ones.
    by_decision: how many of them decided what.
    """

    label: str | None
    decision: str
    probabilities: Mapping[str, float]
    prediction_set: tuple[str, ...]
    fields: int
    by_decision: Mapping[str, int]

    @property
    def is_split(self) -> bool:
        """Whether two fields decided differently; a field that is unsure contradicts none."""
        return len(set(self.by_decision) - {UNSURE}) > 1


def blast_interval(blasts: int, total: int) -> tuple[float, float]:
    """Exact 95 % bounds of the share of blasts, as fractions of 1.

    With 0 < blasts < total two-sided, 2.5 % on each side; at either end one-sided, because nothing
    lies beyond it. Raises ValueError without cells, or with more blasts than cells.
    Source: Clopper and Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934).
    """
    if not 0 <= blasts <= total or not total:
        raise ValueError(f"{blasts} blasts in {total} white cells is no count.")
    low, high = _bounds(np.array([blasts], float), np.array([total], float))
    return float(low[0]), float(high[0])


def open_interval(blasts: int, unidentified: int, total: int) -> tuple[float, float]:
    """Bounds of the share of blasts whatever the unidentified cells are, as fractions of 1.

    The lower bound is that of the count with none of them a blast, the upper one with all. total:
    white cells, unidentified ones among them.
    Source: Manski, Partial Identification of Probability Distributions (2003), worst-case bounds.
    """
    return blast_interval(blasts, total)[0], blast_interval(blasts + unidentified, total)[1]


def cells_needed(blasts: int, total: int, fields: int) -> CellsNeeded:
    """How many more white cells, and fields with as many cells as these, the count needs.

    At least the 200 cells of ICSH; and where the 95 % interval holds 20 % blasts, as many as would
    take all of it to one side if the share stayed what it is.
    """
    settled = _settled(blasts, total) if total else ICSH_CELLS
    wanted = max(ICSH_CELLS, settled or 0)
    if wanted > total:
        more = wanted - total
        because: Need = "icsh" if wanted == ICSH_CELLS else "threshold"
        return CellsNeeded(more, ceil(more * fields / total) if total else None, because)
    return CellsNeeded(0, 0, "enough" if settled else "too_close")


def case_suggestion(fields: Sequence[FieldScores], coverage: float) -> CaseSuggestion:
    """What the fields of one case suggest together; all must name the same classes.

    The mean of their log probabilities, sharpened by the number of independent fields that they
    are worth, n / (1 + (n - 1) rho); then the classes that together reach `coverage`, as for a
    field. The set is as cautious as a field's, but its coverage was not measured on cases.
    Sources: Genest and Zidek, Combining probability distributions, Stat. Sci. 1 (1986), the
    logarithmic pool; `FIELD_CORRELATION` for rho. Raises ValueError where classes differ.
    """
    if not fields:
        return CaseSuggestion(None, INSUFFICIENT, {}, (), 0, {})
    names = tuple(fields[0].probabilities)
    if any(set(field.probabilities) != set(names) for field in fields):
        raise ValueError("The fields were judged by models with different classes.")
    scores = [[field.probabilities[name] for name in names] for field in fields]
    pooled = _pooled(np.asarray(scores, np.float32))
    chosen = tuple(names[at] for at in prediction_set(pooled, coverage))
    return CaseSuggestion(
        label=chosen[0],
        decision=chosen[0] if len(chosen) == 1 else UNSURE,
        probabilities={name: round(float(p), 6) for name, p in zip(names, pooled, strict=True)},
        prediction_set=chosen,
        fields=len(fields),
        by_decision=dict(Counter(field.decision for field in fields).most_common()),
    )


def effective_fields(number: int) -> float:
    """How many independent fields so many fields of one case are worth."""
    return number / (1 + (number - 1) * FIELD_CORRELATION)


def _pooled(probabilities: Floats) -> Floats:
    logs = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return softmax(logs.mean(axis=0) * effective_fields(len(logs)))


def _settled(blasts: int, total: int) -> int | None:
    """The least count, `total` or more, whose interval does not hold the threshold."""
    totals = np.arange(total, max(total, MOST_CELLS) + 1, dtype=float)
    low, high = _bounds(np.rint(totals * (blasts / total)), totals)
    clear = np.flatnonzero((low > BLAST_THRESHOLD) | (high < BLAST_THRESHOLD))
    return int(totals[clear[0]]) if len(clear) else None


def _bounds(
    blasts: NDArray[np.float64], totals: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Clopper-Pearson bounds of many counts: quantiles of the beta distribution."""
    from scipy.special import betaincinv  # not before the first count: it is half a second of start

    none, all_ = blasts == 0, blasts == totals
    tail = np.where(none | all_, 1 - CONFIDENCE, (1 - CONFIDENCE) / 2)
    rest = totals - blasts
    low = np.where(none, 0.0, betaincinv(np.maximum(blasts, 1), rest + 1, tail))
    high = np.where(all_, 1.0, betaincinv(blasts + 1, np.maximum(rest, 1), 1 - tail))
    return low, high
