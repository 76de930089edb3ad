"""The rules of the count: what is counted, what is shown beside it, and which field has a vote.

All of them, and nowhere else; the arithmetic of a count stands in `inference.engine.statistics`.

- A differential is counted in steps of 100: 100 cells are the routine, 200 the manual differential,
  400 the reference count (two readers of 200 each).
- White cells are counted, and what cannot be told apart among them as "unidentified". Nucleated red
  cells are no white cells: they are left out of the 100 and given per 100 white cells.
- A ruptured (smudge) cell shows no class: it is left out, and its number is shown.
- A cell that the picture's border cuts shows too little of itself to be called by a program. It is
  drawn in a group of its own and counted once a human has given it a class. What "cut" is, the
  engine decides (`inference.engine.crops`).
- What a reader took away is in no count, but stays in sight.

Sources: CLSI H20-A2, Reference Leukocyte (WBC) Differential Count (Proportional), 2007; Palmer et
al., ICSH recommendations for the standardization of nomenclature and grading of peripheral blood
cell morphological features, Int. J. Lab. Hematol. 37 (2015). The rule of cut and of ruptured cells
is this house's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from inference.choices import CellClass
from inference.engine.types import INSUFFICIENT
from inference.outcomes import Outcome

CUT = "cut"
REMOVED = "removed"
GROUPS: Mapping[str, str] = {
    **{code.value: str(code.label) for code in CellClass},
    CUT: "Cut by the border",
    REMOVED: "Taken away",
}
"""Every cell of a case stands in exactly one of these; the words of each."""
_LEFT_OUT = {CellClass.ERYTHROBLAST, CellClass.SMUDGE, CellClass.NOT_A_CELL}
COUNTED = tuple(code.value for code in CellClass if code not in _LEFT_OUT)
FEW_CELLS = 100
GOALS = (FEW_CELLS, 200, 400)
"""White cells that a tally is counted to."""

_UNFIT = frozenset(
    {"too_small", "no_content", "too_dark", "too_bright", "blurred", "weak_stain", "no_colour"}
)
"""Warnings about a picture in which cells cannot be judged; the others ask for more of them."""


def group_of(*, suggested: str, said: str, is_cut: bool, is_removed: bool) -> str:
    """The group of a cell. suggested: the model's class, "" without; said: a human's, likewise."""
    if is_removed:
        return REMOVED
    if said:
        return said
    return CUT if is_cut else suggested or CellClass.UNIDENTIFIED.value


def is_counted(group: str) -> bool:
    """Whether the cells of a group belong to the white-cell count."""
    return group in COUNTED


def unfit_because(outcome: Outcome) -> str:
    """Why an analysed field has no vote on its case, in words; "" when it has one."""
    if not outcome.is_ok:
        return outcome.reason or "Too few white cells."
    for warning in outcome.warnings:
        if warning.code in _UNFIT:
            return warning.message
    if outcome.identified == 0:
        return "No cell of this field was identified."
    return ""


def field_decision(outcome: Outcome) -> str:
    """What a field counts for in its case: its decision, or "insufficient"."""
    return INSUFFICIENT if unfit_because(outcome) else outcome.decision
