"""Which cells are pictured in a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.selectors.cells import CellView
from inference.choices import CellClass

PICTURED_CELLS = 12
_FIRST = (CellClass.BLAST, CellClass.UNIDENTIFIED, CellClass.IMMATURE_GRANULOCYTE)


def illustrations(cells: Sequence[CellView]) -> list[dict[str, Any]]:
    """Up to 12 cells: blasts, then unidentified, then the rest; a reader's word before a model's.

    The choice is frozen in the document with the places, so the same pictures are printed for ever.
    """
    chosen = sorted((cell for cell in cells if cell.is_counted), key=_rank)[:PICTURED_CELLS]
    return [_entry(cell) for cell in chosen]


def _rank(cell: CellView) -> tuple[int, bool, float, int, int]:
    kind = _FIRST.index(cell.effective) if cell.effective in _FIRST else len(_FIRST)
    return kind, not cell.is_reviewed, -cell.weight, cell.position, cell.number


def _entry(cell: CellView) -> dict[str, Any]:
    return {
        "cell": str(cell.id),
        "image": cell.position,
        "number": cell.number,
        "bbox": list(cell.bbox),
        "suggested": cell.suggested,
        "final": cell.effective,
        "reader": cell.corrected_by or None,
        "origin": cell.origin,
    }
